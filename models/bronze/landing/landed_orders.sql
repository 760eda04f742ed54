{{ land('crm', 'orders') }}
