{# Materialises connected components. The model's SQL gives the edges of an undirected graph (vertex_a, vertex_b:
   integers from 0 to 2^31 - 2); the table holds one row per vertex that has an edge (vertex, component), where
   component is the smallest vertex it can reach.

   Each round every vertex moves to its first neighbour, edges are rewritten to where their ends moved, loops and
   duplicates fall away; rounds stop when no edge is left, and the moves are then composed backwards. Every round is
   a table of its own: unrolled into one statement the same work takes minutes.

   First is in an order that changes with every second round: multiplication modulo a prime, which is undone by that
   with the inverse. In the order of their numbers, a chain numbered from end to end would lose one vertex a round
   (Bögeholz, Brand and Todor, In-database connected component analysis, ICDE 2020); a second round in the same order
   ends a hub, whose smallest neighbour is its centre by then. #}
{% materialization edge_contraction, default %}
    {% set target_relation = this.incorporate(type='table') %}
    {% set existing_relation = load_cached_relation(this) %}
    {% set round = namespace(number=0, edges=none, left=1, factor=1, inverse=1) %}
    {% set prime = 2147483647 %}
    {% set moves = [] %}
    {% set scratch = [] %}

    {{ run_hooks(pre_hooks) }}
    {% set round.edges = scratch_relation('edges_0') %}
    {% do scratch.append(round.edges) %}
    {% call statement('edges_0') %}
        create table {{ round.edges }} as
        select distinct
            cast(least(vertex_a, vertex_b) as bigint) as vertex_a,
            cast(greatest(vertex_a, vertex_b) as bigint) as vertex_b
        from ({{ sql }}) as edges
        where vertex_a <> vertex_b
    {% endcall %}
    {% set unfit = run_query('select count(*) from ' ~ round.edges ~ ' where vertex_a < 0 or vertex_b >= ' ~ prime) %}
    {% if unfit.rows[0][0] | int > 0 %}
        {% do stop(model.name ~ ': a vertex is not a whole number from 0 to ' ~ (prime - 1)) %}
    {% endif %}

    {% for _ in range(64) if round.left > 0 %}
        {% set round.number = round.number + 1 %}
        {% if round.number % 2 == 1 %}
            {% set round.factor = round.factor * 1327217885 % prime %}
            {% set round.inverse = round.inverse * 1998591742 % prime %}
        {% endif %}
        {% set moved = scratch_relation('moves_' ~ round.number) %}
        {% set halfway = scratch_relation('halfway_' ~ round.number) %}
        {% set rewritten = scratch_relation('edges_' ~ round.number) %}
        {% do moves.append(moved) %}
        {% do scratch.extend([moved, halfway, rewritten]) %}
        {% call statement('moves') %}
            create table {{ moved }} as
            with places as (
                select
                    vertex_a,
                    vertex_b,
                    vertex_a * {{ round.factor }} % {{ prime }} as place_a,
                    vertex_b * {{ round.factor }} % {{ prime }} as place_b
                from {{ round.edges }}
            )
            select vertex, min(place) * {{ round.inverse }} % {{ prime }} as moved_to
            from (
                select vertex_a as vertex, least(place_a, place_b) as place from places
                union all
                select vertex_b as vertex, least(place_a, place_b) as place from places
            ) as both_directions
            group by vertex
        {% endcall %}
        {# One end at a time: with both ends in one join, an optimiser may begin with the inequality between the two
           moves. #}
        {% call statement('halfway') %}
            create table {{ halfway }} as
            select moves.moved_to as vertex_a, edges.vertex_b
            from {{ round.edges }} as edges
            inner join {{ moved }} as moves on edges.vertex_a = moves.vertex
        {% endcall %}
        {% call statement('rewritten') %}
            create table {{ rewritten }} as
            select distinct
                least(halfway.vertex_a, moves.moved_to) as vertex_a,
                greatest(halfway.vertex_a, moves.moved_to) as vertex_b
            from {{ halfway }} as halfway
            inner join {{ moved }} as moves on halfway.vertex_b = moves.vertex
            where halfway.vertex_a <> moves.moved_to
        {% endcall %}
        {% set round.edges = rewritten %}
        {% set round.left = run_query('select count(*) as edges from ' ~ rewritten).rows[0][0] | int %}
    {% endfor %}
    {% if round.left > 0 %}{% do stop(model.name ~ ': 64 rounds of edge contraction left edges over') %}{% endif %}

    {% set composed = namespace(table=moves[-1]) %}
    {% for move in moves[:-1] | reverse %}
        {% set further = scratch_relation('composed_' ~ loop.index) %}
        {% do scratch.append(further) %}
        {% call statement('compose') %}
            create table {{ further }} as
            select moves.vertex, coalesce(later.moved_to, moves.moved_to) as moved_to
            from {{ move }} as moves
            left join {{ composed.table }} as later on moves.moved_to = later.vertex
        {% endcall %}
        {% set composed.table = further %}
    {% endfor %}

    {% if existing_relation %}{% do adapter.drop_relation(existing_relation) %}{% endif %}
    {% call statement('main') %}
        create table {{ target_relation }} as
        select members.vertex, components.component
        from {{ composed.table }} as members
        inner join (
            select moved_to, min(vertex) as component
            from {{ composed.table }}
            group by moved_to
        ) as components
            on members.moved_to = components.moved_to
    {% endcall %}
    {% for relation in scratch %}{% do adapter.drop_relation(relation) %}{% endfor %}

    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target_relation, model) %}
    {% do adapter.commit() %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{# A table of this run only, beside the model. #}
{% macro scratch_relation(suffix) %}
    {{ return(this.incorporate(path={'identifier': this.identifier ~ '__' ~ suffix}, type='table')) }}
{% endmacro %}
