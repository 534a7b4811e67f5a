-- Hands out places in the windows of an account. All keys carry the account's hash tag, so they lie in one slot of a cluster.
-- KEYS: the state of the account, the times of the questions, then a sorted set of places for each window.
-- ARGV: length, most, together, patience, ask_every (-1: never), easing, asking, soon; then name, limit, unasked of each window.
-- All times are microseconds of the server's own clock.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local length, most, together, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ask_every, easing, asking, soon = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local function text(number) return string.format('%.0f', number) end

local state, flat = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #flat, 2 do state[flat[i]] = tonumber(flat[i + 1]) end
local changed = {}
local function set(name, value)
  state[name] = value
  changed[name] = value
end

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now - length))
local windows = {}
for i = 9, #ARGV, 3 do
  local key = KEYS[#windows + 3]
  redis.call('ZREMRANGEBYSCORE', key, '-inf', text(now - length))
  local name = ARGV[i]
  local others = state['others:' .. name] or 0
  if (state['learnt:' .. name] or 0) + length <= now then others = 0 end
  local limit = state['limit:' .. name] or tonumber(ARGV[i + 1])
  windows[#windows + 1] = {
    key = key, name = name, limit = limit, leaves = math.max(1, limit - others), unasked = tonumber(ARGV[i + 2]),
    count = redis.call('ZCARD', key), credit = state['credit:' .. name],
  }
end

local paused, blocked = math.max(0, (state.paused or 0) - now), math.max(0, (state.blocked or 0) - now)
local ask, wait, places = 0, -1, {}
if paused == 0 and blocked == 0 and most > 0 then
  if ask_every >= 0 then
    local answered = state.answered or -1
    local need = answered >= 0 and answered + (state.good_for or 0) <= now
    for _, window in ipairs(windows) do
      if window.credit == nil then
        need = need or window.count >= window.unasked
      else
        need = need or window.credit <= math.floor(window.limit / 30)
      end
    end
    local asked = state.asked or -1
    local under_way = asked > answered and asked + asking > now
    if need and not under_way and asked + ask_every <= now then
      ask = 1
      set('asked', now)
      redis.call('ZADD', KEYS[2], text(now), text(now))
    end
  end
  while #places < most do
    local within = #places == 0 and patience or together
    local at = math.max(now, (state.last or 0) + (state.gap or 0))
    if state.remaining and state.remaining < math.max(1, state.cost or 0) then at = math.max(at, state.resets or 0) end
    local credit = true
    for _, window in ipairs(windows) do
      if ask_every >= 0 then
        if window.credit == nil then
          credit = credit and window.count < window.unasked
        else
          credit = credit and window.credit > 0
        end
      end
      local over = window.count - window.leaves
      if over >= 0 then
        local place = redis.call('ZRANGE', window.key, over, over, 'WITHSCORES')
        if place[2] then at = math.max(at, tonumber(place[2]) + length) end
      end
    end
    if not credit then
      if #places == 0 then wait = soon end
      break
    end
    if at - now > within then
      if #places == 0 then wait = at - now end
      break
    end
    set('last', at)
    set('gap', math.max(0, (state.gap or 0) - easing))
    if state.remaining then set('remaining', math.max(0, state.remaining - (state.cost or 0))) end
    set('serial', (state.serial or 0) + 1)
    for _, window in ipairs(windows) do
      redis.call('ZADD', window.key, text(at), text(state.serial))
      window.count = window.count + 1
      if window.credit then
        window.credit = window.credit - 1
        set('credit:' .. window.name, window.credit)
      end
    end
    places[#places + 1] = at - now
  end
end

local hold = math.floor(length / 1000) * 2 + 10000
for _, window in ipairs(windows) do redis.call('PEXPIRE', window.key, hold) end
redis.call('PEXPIRE', KEYS[2], hold)
for name, value in pairs(changed) do redis.call('HSET', KEYS[1], name, text(value)) end
redis.call('PEXPIRE', KEYS[1], math.max(hold, 3700000))

local answer = { paused, blocked, ask, wait, redis.call('ZCARD', KEYS[2]), #windows }
for _, window in ipairs(windows) do answer[#answer + 1] = window.count end
for _, place in ipairs(places) do answer[#answer + 1] = place end
return answer
