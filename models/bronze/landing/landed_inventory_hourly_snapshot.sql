{{ land('warehouse', 'inventory_hourly_snapshot') }}
