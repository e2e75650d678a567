-- What a buyer was asked is found by the id that it knows.
CREATE INDEX sales_by_buyer_ping ON sales (buyer_ping);
