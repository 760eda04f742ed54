{{ land('crm', 'order_items') }}
