{# Materialises connected components. The model's SQL gives the edges of an undirected graph (vertex_a, vertex_b:
   integers); the table holds one row per vertex that has an edge (vertex, component), where component is the
   smallest vertex it can reach.

   Each round every vertex moves to its smallest neighbour, edges are rewritten to where their ends moved, loops and
   duplicates fall away; rounds stop when no edge is left, and the moves are then composed backwards. Every round is
   a table of its own: unrolled into one statement the same work takes minutes. #}
{% materialization edge_contraction, default %}
    {% set target_relation = this.incorporate(type='table') %}
    {% set existing_relation = load_cached_relation(this) %}
    {% set round = namespace(number=0, edges=none, left=1) %}
    {% set moves = [] %}
    {% set scratch = [] %}

    {{ run_hooks(pre_hooks) }}
    {% set round.edges = scratch_relation('edges_0') %}
    {% do scratch.append(round.edges) %}
    {% call statement('edges_0') %}
        create table {{ round.edges }} as
        select distinct least(vertex_a, vertex_b) as vertex_a, greatest(vertex_a, vertex_b) as vertex_b
        from ({{ sql }}) as edges
        where vertex_a <> vertex_b
    {% endcall %}

    {% for _ in range(64) if round.left > 0 %}
        {% set round.number = round.number + 1 %}
        {% set moved = scratch_relation('moves_' ~ round.number) %}
        {% set halfway = scratch_relation('halfway_' ~ round.number) %}
        {% set rewritten = scratch_relation('edges_' ~ round.number) %}
        {% do moves.append(moved) %}
        {% do scratch.extend([moved, halfway, rewritten]) %}
        {% call statement('moves') %}
            create table {{ moved }} as
            select vertex, min(least(vertex, neighbour)) as moved_to
            from (
                select vertex_a as vertex, vertex_b as neighbour from {{ round.edges }}
                union all
                select vertex_b as vertex, vertex_a as neighbour from {{ round.edges }}
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
        select vertex, moved_to as component from {{ composed.table }}
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
