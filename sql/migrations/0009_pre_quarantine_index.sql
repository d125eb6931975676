-- Few ids are shared by too many; finding them must not cost a look at all ids.
CREATE INDEX identity_nodes_quarantined ON identity_nodes (tenant_id, node) WHERE quarantined;
