-- The generic cell rate algorithm (ITU-T I.371): one number per bucket, the moment at which it is full again.
-- KEYS[1]: bucket. ARGV: µs between two units, units at once, units asked for.
-- Answers {allowed, units left, µs until it would be allowed, µs until the bucket is full again}.
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local interval, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local after = full_at + interval * cost
local room = interval * burst - (after - now)
if room < 0 then
    return {0, math.floor((interval * burst - (full_at - now)) / interval), -room, full_at - now}
end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1000)
return {1, math.floor(room / interval), 0, after - now}
