-- Ids of leads sort by time: what is looked for is listed newest first by them.
CREATE INDEX leads_of_supplier ON leads (supplier, id);
CREATE INDEX leads_of_vertical ON leads (vertical, id);
-- The statuses that few leads have, and that no lead begins with.
CREATE INDEX leads_set_apart ON leads (status, id) WHERE status IN ('duplicate', 'pending', 'returned');
CREATE INDEX sales_bought ON sales (buyer, lead);
CREATE INDEX sales_by_reference ON sales (reference) WHERE reference IS NOT NULL;
CREATE INDEX sales_by_lead_reference ON sales (buyer_lead_reference) WHERE buyer_lead_reference IS NOT NULL;
