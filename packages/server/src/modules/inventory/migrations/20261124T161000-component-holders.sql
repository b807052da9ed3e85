-- Which asset has a component of a serial number now, or had it last: in the order of the index, however many have it.
create index components_holder on components (kind, lower(serial), removed_at desc nulls first) where serial is not null;
-- Sorting a million rows by these took two thirds of a second without.
create index components_removed_sort on components (removed_at, id);
create index components_manufacturer_sort on components (manufacturer, id);
