"""People of the debug page: whose identifiers were seen together, without one identifier.

A person is a number, an identifier its type and a number ("cookie 2"): enough to see why two devices are one person,
and nothing that leads back to anybody. The numbers hold for one page only.
"""

from collections import Counter, defaultdict

from tools.dashboards.store import rows

TYPES = {
    "anonymous_id": "cookie",
    "device_id": "device",
    "user_id": "user",
    "customer_id": "customer",
    "email_hash": "e-mail",
    "phone_hash": "phone",
}

# The identifiers of the people in the page: the temporary table `ends`.
ENDS = """
create or replace temp table ends as
select distinct
    people.number, identifiers.vertex, map.identifier_type, map.identifier_value, map.is_shared,
    strftime(map.first_seen_at, '%Y-%m-%d') as since, strftime(map.last_seen_at, '%Y-%m-%d') as until
from people
inner join silver.identity_map as map using (person_id)
inner join silver.identifiers as identifiers using (identifier_type, identifier_value)
"""

# Pairs of a person's identifiers that were seen together, whichever was named first.
LINKS = """
select
    a.number, least(edges.vertex_a, edges.vertex_b) as a, greatest(edges.vertex_a, edges.vertex_b) as b,
    list(distinct evidence.evidence_source order by evidence.evidence_source) as sources,
    strftime(min(evidence.first_observed_at), '%Y-%m-%d') as since,
    strftime(max(evidence.last_observed_at), '%Y-%m-%d') as until
from silver.identity_edges as edges
inner join ends as a on edges.vertex_a = a.vertex
inner join ends as b on edges.vertex_b = b.vertex and a.number = b.number
inner join silver.identifiers as identifiers_a on edges.vertex_a = identifiers_a.vertex
inner join silver.identifiers as identifiers_b on edges.vertex_b = identifiers_b.vertex
inner join silver.identity_evidence as evidence
    on identifiers_a.identifier_type = evidence.identifier_type_a
    and identifiers_a.identifier_value = evidence.identifier_a
    and identifiers_b.identifier_type = evidence.identifier_type_b
    and identifiers_b.identifier_value = evidence.identifier_b
group by all
order by all
"""

# Links from one of the person's identifiers to one that is not theirs: not followed.
LOOSE_ENDS = """
with edges as (
    select vertex_a as near, vertex_b as far from silver.identity_edges
    union
    select vertex_b, vertex_a from silver.identity_edges
)
select ends.number, count(*) as links
from edges
inner join ends on edges.near = ends.vertex
left join ends as own on edges.far = own.vertex and ends.number = own.number
where own.number is null
group by ends.number
"""


class People:
    """The people of the journeys in the temporary table `chosen`, with numbers for names."""

    def __init__(self, connection):
        connection.execute("""
            create or replace temp table people as
            select journeys.person_id, row_number() over (order by min(chosen.number)) as number
            from chosen
            inner join gold.journeys as journeys using (journey_id)
            group by journeys.person_id
        """)
        connection.execute(ENDS)
        self.numbers = dict(connection.execute("select person_id, number from people").fetchall())
        self.graphs = {number: {"nodes": [], "links": [], "loose_ends": 0} for number in self.numbers.values()}
        self.labels = self.add_nodes(rows(connection, "select * from ends order by number, vertex"))
        self.add_links(rows(connection, LINKS))
        for row in rows(connection, LOOSE_ENDS):
            self.graphs[row["number"]]["loose_ends"] = row["links"]

    def number(self, person_id) -> int:
        """The person's number in this page."""
        return self.numbers[person_id]

    def label(self, person_id, anonymous_id) -> str:
        """What a cookie is called among a person's identifiers; one that is not theirs has no number."""
        key = self.numbers[person_id], "anonymous_id", anonymous_id
        return self.labels.get(key, "a cookie that is not in their graph")

    def add_nodes(self, found):
        labels, counts = {}, defaultdict(Counter)
        self.positions = {}
        for row in found:
            number, identifier_type = row["number"], row["identifier_type"]
            name = TYPES.get(identifier_type, "identifier")
            counts[number][name] += 1
            label = f"{name} {counts[number][name]}"
            labels[number, identifier_type, row["identifier_value"]] = label
            nodes = self.graphs[number]["nodes"]
            self.positions[number, row["vertex"]] = len(nodes)
            told = {name: row[name] for name in ("since", "until")}
            nodes.append({"label": label, "type": name, "shared": row["is_shared"], **told})
        return labels

    def add_links(self, found):
        for row in found:
            number = row["number"]
            ends = [self.positions[number, row[end]] for end in ("a", "b")]
            told = {name: row[name] for name in ("sources", "since", "until")}
            self.graphs[number]["links"].append({"ends": ends, **told})
