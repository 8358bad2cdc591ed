with

event as (

    select * from {{ ref('event') }}

),

person as (

    select * from {{ ref('person') }}

),

aggregated as (

    select
        person.country,
        event.happened,
        count(event.event_id) as events,
        min(event.amount) as first_amount,
        max(event.amount) as last_amount,
        coalesce(avg(event.amount), 0) as average_amount

    from event
    left join person
        on event.person_id = person.person_id

    group by
        person.country,
        event.happened

)

select * from aggregated
