-- The last failure of each family, for the health of sources. Failed reports are few.
create index inbox_failed on inbox (family, received_at desc) where state = 'failed';
