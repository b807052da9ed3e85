-- Two agents that report by turns on one asset: the question has the asset on both sides, and the observation that may be of another machine.
alter table identity_conflicts drop constraint identity_conflicts_kind_check;
alter table identity_conflicts add constraint identity_conflicts_kind_check
  check (kind in ('contradiction', 'duplicate', 'board_swap', 'same_name', 'told_apart', 'fork'));
