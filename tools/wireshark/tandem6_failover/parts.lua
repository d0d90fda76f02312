-- The parts that options are made of: how each kind of value goes into the tree. A part is a table:
--
--     size    how many octets it takes; nil: all that are left
--     least   without a size: how many it must be; nil: none is enough
--     show    a function of (tree, range, message) that puts it into the tree and returns what the line of
--             its option says of it; never called with less than it takes, nor with nothing
--
-- `tell`, where a part has one, is a function of (message, text, value) that notes it for the Info column.

local parts = { protocol = 'dhcpv6_failover', fields = {} }

function parts.field(kind, abbreviation, ...)
  local made = ProtoField[kind](parts.protocol .. '.' .. abbreviation, ...)
  parts.fields[#parts.fields + 1] = made
  return made
end

local field = parts.field

local malformed = ProtoExpert.new(parts.protocol .. '.malformed', 'Malformed', expert.group.MALFORMED,
  expert.severity.ERROR)
local cut_short = ProtoExpert.new(parts.protocol .. '.cut_short', 'The capture holds only the beginning',
  expert.group.UNDECODED, expert.severity.NOTE)
parts.unknown_type = ProtoExpert.new(parts.protocol .. '.unknown_type', 'No message of failover',
  expert.group.PROTOCOL, expert.severity.WARN)
parts.experts = { malformed, cut_short, parts.unknown_type }

--- Where the capture itself is cut, that is why something is missing, and not the sender.
function parts.complain(tree, message, what)
  if message.is_cut then
    tree:add_proto_expert_info(cut_short)
  else
    message.is_malformed = true
    tree:add_proto_expert_info(malformed, 'Malformed: ' .. what)
  end
end

-- What a reader should see of UTF-8: no control characters, nothing overlong, no surrogates.
local CHARACTERS = {
  '^[ -~]+', '^\194[\160-\191]', '^[\195-\223][\128-\191]', '^\224[\160-\191][\128-\191]',
  '^[\225-\236\238\239][\128-\191][\128-\191]', '^\237[\128-\159][\128-\191]',
  '^\240[\144-\191][\128-\191][\128-\191]', '^[\241-\243][\128-\191][\128-\191][\128-\191]',
  '^\244[\128-\143][\128-\191][\128-\191]',
}

local function characters_at(octets, at)
  for _, pattern in ipairs(CHARACTERS) do
    local characters = octets:match(pattern, at)
    if characters then return characters end
  end
  return nil
end

--- The range as text; each octet that is none becomes "?". (The texts of Wireshark's own `string` lose their
--- end where it replaces something.)
function parts.text_of(range)
  local octets, characters, at = range:raw(), {}, 1
  while at <= #octets do
    local found = characters_at(octets, at)
    characters[#characters + 1] = found or '?'
    at = at + (found and #found or 1)
  end
  return table.concat(characters)
end

local complain, text_of = parts.complain, parts.text_of

function parts.number(size, abbreviation, name, names, tell)
  local shown = field('uint' .. 8 * size, abbreviation, name, base.DEC, names)
  local function show(tree, range, message)
    local value = range:uint()
    local text = names and (names[value] or 'unknown (' .. value .. ')') or tostring(value)
    tree:add(shown, range)
    if tell then tell(message, text, value) end
    return text
  end
  return { size = size, show = show }
end

local INFINITY = 0xffffffff

function parts.seconds(abbreviation, name)
  local shown = field('uint32', abbreviation, name, base.UNIT_STRING, { ' second', ' seconds' })
  local function show(tree, range)
    local item = tree:add(shown, range)
    if range:uint() ~= INFINITY then return range:uint() .. ' s' end
    item:append_text(' (infinity)')
    return 'infinity'
  end
  return { size = 4, show = show }
end

local EPOCH = 946684800  -- 2000-01-01 in the seconds of Unix
local CIRCLE = 2 ^ 32

--- The time nearest to that of the capture among those that the 32 bits may stand for.
local function unix_time(wire_time, captured)
  local circles = math.floor((captured - EPOCH - wire_time) / CIRCLE + 0.5)
  return wire_time + EPOCH + circles * CIRCLE
end

--- Seconds since 2000 modulo 2^32.
function parts.time(abbreviation, name, zero_says)
  local shown = field('absolute_time', abbreviation, name, base.UTC)
  local function show(tree, range, message)
    local unix = unix_time(range:uint(), message.captured)
    local item = tree:add(shown, range, NSTime.new(unix, 0))
    if range:uint() ~= 0 or not zero_says then return os.date('!%Y-%m-%d %H:%M:%S UTC', unix) end
    item:append_text(' (' .. zero_says .. ')')
    return zero_says
  end
  return { size = 4, show = show }
end

--- A time of which 0 says that there is none.
function parts.time_if_any(abbreviation, name) return parts.time(abbreviation, name, 'none') end

function parts.address(abbreviation, name, tell)
  local shown = field('ipv6', abbreviation, name)
  local function show(tree, range, message)
    local text = tostring(range:ipv6())
    tree:add(shown, range)
    if tell then tell(message, text) end
    return text
  end
  return { size = 16, show = show }
end

--- `bits`: { mask, abbreviation, name } of each.
function parts.flags(size, abbreviation, name, bits, tell)
  local whole = field('uint' .. 8 * size, abbreviation, name, base.HEX)
  for _, flag in ipairs(bits) do
    flag.field = field('bool', abbreviation .. '.' .. flag[2], flag[3], 8 * size, nil, flag[1])
  end
  local function show(tree, range, message)
    local item, value, set = tree:add(whole, range), range:uint(), {}
    for _, flag in ipairs(bits) do
      item:add(flag.field, range)
      if bit.band(value, flag[1]) ~= 0 then
        set[#set + 1] = flag[3]
        if tell then tell(message, flag[3]) end
      end
    end
    return #set > 0 and table.concat(set, ' ') or 'none'
  end
  return { size = size, show = show }
end

local SAID_OCTETS_MAX = 32

function parts.octets(abbreviation, name, least)
  local shown = field('bytes', abbreviation, name)
  local function show(tree, range)
    tree:add(shown, range)
    return range:len() <= SAID_OCTETS_MAX and range:bytes():tohex(true, ':') or nil
  end
  return { least = least, show = show }
end

function parts.text(abbreviation, name, tell)
  local shown = field('string', abbreviation, name, base.UNICODE)
  local function show(tree, range, message)
    local value = text_of(range)
    tree:add(shown, range, value)
    if tell then tell(message, value) end
    return '"' .. value .. '"'
  end
  return { show = show }
end

local DUID_TYPES = { 'DUID-LLT', 'DUID-EN', 'DUID-LL', 'DUID-UUID' }
local duid_type = field('uint16', 'duid.type', 'DUID type', base.DEC, DUID_TYPES)

function parts.duid(abbreviation, name)
  local shown = field('bytes', abbreviation, name)
  local function show(tree, range)
    tree:add(shown, range):add(duid_type, range(0, 2))
    local kind = DUID_TYPES[range(0, 2):uint()] or 'DUID'
    return kind .. ' ' .. range(2):bytes():tohex(true, ':')
  end
  return { least = 3, show = show }
end

--- Labels and, at the end of a whole name, the root (RFC 1035 section 3.1). Nil: they do not fit.
local function name_of(range)
  local labels, at = {}, 0
  while at < range:len() do
    local size = range(at, 1):uint()
    if size == 0 then
      if at + 1 < range:len() then return nil end
      return table.concat(labels, '.') .. '.'
    end
    if size > 63 or at + 1 + size > range:len() then return nil end
    labels[#labels + 1] = text_of(range(at + 1, size))
    at = at + 1 + size
  end
  return table.concat(labels, '.')
end

function parts.domain_name(abbreviation, name, least)
  local shown = field('string', abbreviation, name)
  local function show(tree, range, message)
    local value = name_of(range)
    local item = tree:add(shown, range, value or '')
    if not value then complain(item, message, 'a domain name with labels that do not fit') end
    return value
  end
  return { least = least, show = show }
end

return parts
