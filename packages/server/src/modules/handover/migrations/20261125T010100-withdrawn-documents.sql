-- Whoever made a document by mistake takes it back before it is signed; what is in it can stand in another.
alter table handover_documents drop constraint handover_documents_state_check;
alter table handover_documents add constraint handover_documents_state_check
  check (state in ('pending', 'accepted', 'declined', 'withdrawn'));
