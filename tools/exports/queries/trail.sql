-- One row per credit of the chosen model: conversion, order, rate, journey, touch.
select * from gold.credit_trail where {month} and {credits} order by all
