{{ land('ops', 'known_incidents') }}
