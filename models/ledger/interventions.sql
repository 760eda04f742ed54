-- What people did to publishing, and why: holds and releases, overrides of single checks, and
-- rollbacks. Commands add the rows (macros/publishing/commands.sql); builds keep them.
select
    cast(null as {{ dbt.type_timestamp() }}) as recorded_at,
    cast(null as {{ dbt.type_string() }}) as kind,
    cast(null as {{ dbt.type_string() }}) as check_name,
    cast(null as {{ dbt.type_string() }}) as version_id,
    cast(null as {{ dbt.type_string() }}) as actor,
    cast(null as {{ dbt.type_string() }}) as reason,
    cast(null as {{ dbt.type_timestamp() }}) as valid_until
where 1 = 0
