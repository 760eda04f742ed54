{{ land('crm', 'customers') }}
