-- Accounts that belong together before any device is looked at.
{{ config(materialized='edge_contraction') }}

select vertex_a, vertex_b from {{ ref('account_edges') }}
