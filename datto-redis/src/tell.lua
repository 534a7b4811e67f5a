-- Keeps what one process learnt from the service. KEYS: the state of the account. ARGV: what it is, then its values; times in microseconds.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local function set(name, value) redis.call('HSET', KEYS[1], name, text(value)) end
local function raise(name, value) set(name, math.max(tonumber(redis.call('HGET', KEYS[1], name) or 0), value)) end

if ARGV[1] == 'pause' then
  raise('paused', now + tonumber(ARGV[2]))
  raise('gap', tonumber(ARGV[3]))
elseif ARGV[1] == 'block' then
  raise('blocked', now + tonumber(ARGV[2]))
elseif ARGV[1] == 'budget' then
  redis.call('HSET', KEYS[1], 'remaining', ARGV[2], 'cost', ARGV[4])
  set('resets', now + tonumber(ARGV[3]))
elseif ARGV[1] == 'counted' then
  set('answered', now)
  set('good_for', tonumber(ARGV[2]))
  for i = 3, #ARGV, 4 do
    local name = ARGV[i]
    set('limit:' .. name, tonumber(ARGV[i + 1]))
    set('credit:' .. name, tonumber(ARGV[i + 3]))
    if tonumber(ARGV[i + 2]) >= 0 then
      set('others:' .. name, tonumber(ARGV[i + 2]))
      set('learnt:' .. name, now)
    end
  end
end
redis.call('PEXPIRE', KEYS[1], 3700000)
return 1
