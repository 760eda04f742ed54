-- The version that consumers read while this build runs: what its checks compare with. No row
-- before the first good build.
select
    versions.version_id,
    versions.build_id,
    versions.published_at,
    versions.as_of
from {{ previously('published', 'versions', {
    'version_id': 'varchar', 'build_id': 'varchar', 'published_at': 'timestamp', 'as_of': 'timestamp',
    'is_current': 'boolean',
}) }} as versions
where versions.is_current
