-- DHCPv6 failover (RFC 8156) for Wireshark and tshark, which (as of 4.0) know the names of its options, but
-- take TCP port 647 for the failover of DHCPv4. README.md beside this file says how to install it.
--
-- Whatever the octets say, it is shown or marked as malformed, and never an error of these scripts: every
-- read stands behind a look at what is left.

package.path = __DIR__ .. package.config:sub(1, 1) .. '?.lua;' .. package.path
local parts = require 'tandem6_failover.parts'
local options = require 'tandem6_failover.options'

local failover = Proto(parts.protocol, 'DHCPv6 Failover (RFC 8156)')
failover.experts = parts.experts

-- The messages -----------------------------------------------------------------------------------------

local REPLY, STARTTLS = 7, 23
local BNDUPD, BNDREPLY, POOLREQ, POOLRESP = 24, 25, 26, 27
local UPDREQ, UPDREQALL, UPDDONE = 28, 29, 30
local CONNECT, CONNECTREPLY = 31, 32

local MESSAGE_TYPES = {
  [REPLY] = 'REPLY', [STARTTLS] = 'STARTTLS', [BNDUPD] = 'BNDUPD', [BNDREPLY] = 'BNDREPLY',
  [POOLREQ] = 'POOLREQ', [POOLRESP] = 'POOLRESP', [UPDREQ] = 'UPDREQ', [UPDREQALL] = 'UPDREQALL',
  [UPDDONE] = 'UPDDONE', [CONNECT] = 'CONNECT', [CONNECTREPLY] = 'CONNECTREPLY', [33] = 'DISCONNECT',
  [34] = 'STATE', [35] = 'CONTACT',
}

local RESPONSE_TO = {
  [STARTTLS] = REPLY, [BNDUPD] = BNDREPLY, [POOLREQ] = POOLRESP, [UPDREQ] = UPDDONE,
  [UPDREQALL] = UPDDONE, [CONNECT] = CONNECTREPLY,
}
local IS_RESPONSE = {}
for _, response in pairs(RESPONSE_TO) do IS_RESPONSE[response] = true end

-- Of these many are under way at a time: to follow one, a reader of the Info column needs its number.
local SEVERAL_AT_A_TIME = {
  [BNDUPD] = true, [BNDREPLY] = true, [POOLREQ] = true, [POOLRESP] = true, [UPDREQ] = true,
  [UPDREQALL] = true, [UPDDONE] = true,
}

local SIZE_OF_SIZE = 2
local TYPE_AT, TRANSACTION_ID_AT, SENT_TIME_AT = 2, 3, 6
-- The header of these is the plain one of DHCPv6 (RFC 7653 section 6.2).
local HAS_NO_SENT_TIME = { [STARTTLS] = true, [REPLY] = true }

local message_size = parts.field('uint16', 'size', 'Size')
local message_type = parts.field('uint8', 'type', 'Message type', base.DEC, MESSAGE_TYPES)
local transaction_id = parts.field('uint24', 'transaction_id', 'Transaction id', base.HEX)
local sent_time = parts.time('sent_time', 'Sent time')

-- Requests and their responses -------------------------------------------------------------------------

local response_in = parts.field('framenum', 'response_in', 'Response in', base.NONE, frametype.RESPONSE)
local response_to = parts.field('framenum', 'response_to', 'Response to', base.NONE, frametype.REQUEST)
local response_time = parts.field('relative_time', 'response_time', 'Time since the request')

local tcp_stream = Field.new('tcp.stream')

-- { request, asked, response, answered }: the numbers of two frames and their times.
local unanswered  -- by who asked what
local exchange_at  -- by the place of the request and by that of the response

local function forget_exchanges() unanswered, exchange_at = {}, {} end
forget_exchanges()

local function place_of(message)
  return ('%d %d %d'):format(message.frame, message.type, message.transaction_id)
end

--- Both servers count transactions for themselves, so who asked is part of it.
local function question_of(message, pinfo)
  local stream = tcp_stream()
  local asking_port = IS_RESPONSE[message.type] and pinfo.dst_port or pinfo.src_port
  local response = RESPONSE_TO[message.type] or message.type
  return ('%d %d %d %d'):format(stream and stream.value or 0, asking_port, response, message.transaction_id)
end

local function note_exchange(message, pinfo)
  local question = question_of(message, pinfo)
  if RESPONSE_TO[message.type] then
    unanswered[question] = { request = message.frame, asked = message.captured }
    exchange_at[place_of(message)] = unanswered[question]
  elseif IS_RESPONSE[message.type] and unanswered[question] then
    local exchange = unanswered[question]
    exchange.response, exchange.answered = message.frame, message.captured
    exchange_at[place_of(message)] = exchange
    unanswered[question] = nil
  end
end

local function time_between(asked, answered)
  local whole, fraction = math.modf(answered - asked)
  return NSTime.new(whole, math.floor(fraction * 1e9 + 0.5))
end

local function show_exchange(tree, message)
  local exchange = exchange_at[place_of(message)]
  if not exchange or not exchange.response then return end
  if IS_RESPONSE[message.type] then
    tree:add(response_to, exchange.request):set_generated()
    tree:add(response_time, time_between(exchange.asked, exchange.answered)):set_generated()
  else
    tree:add(response_in, exchange.response):set_generated()
  end
end

-- The Info column --------------------------------------------------------------------------------------

local LISTED_LEASES_MAX = 3

local function text_of_lease(lease)
  return (lease.status and lease.status .. ' ' or '') .. lease.name ..
    (lease.refusal and ' refused: ' .. lease.refusal or '')
end

local function text_of_leases(leases)
  local listed = {}
  for index = 1, math.min(#leases, LISTED_LEASES_MAX) do listed[index] = text_of_lease(leases[index]) end
  local more = #leases - #listed
  return table.concat(listed, ', ') .. (more > 0 and ' and ' .. more .. ' more' or '')
end

local function text_of_message(message)
  local words = { MESSAGE_TYPES[message.type] or 'type ' .. (message.type or 'unknown') }
  if SEVERAL_AT_A_TIME[message.type] and message.transaction_id then
    words[#words + 1] = ('0x%06x'):format(message.transaction_id)
  end
  for _, word in ipairs(message.words) do words[#words + 1] = word end
  if #message.leases > 0 then words[#words + 1] = text_of_leases(message.leases) end
  if message.type == REPLY and not message.has_status then words[#words + 1] = 'go ahead with TLS' end
  if message.is_malformed then words[#words + 1] = '[malformed]' end
  return table.concat(words, ' ')
end

--- A frame may hold several messages, of which each finds what those before it wrote.
local function write_info(pinfo, text)
  pinfo.cols.info:set((pinfo.private[parts.protocol] and ' | ' or '') .. text)
  pinfo.cols.info:fence()
  pinfo.private[parts.protocol] = 'written'
end

-- A message --------------------------------------------------------------------------------------------

--- Returns where the options begin; nil: the header is not all there, or not one that is known.
local function show_header(tree, tvb, message)
  if tvb:len() <= TYPE_AT then return nil end
  message.type = tvb(TYPE_AT, 1):uint()
  tree:add(message_type, tvb(TYPE_AT, 1))
  if tvb:len() < SENT_TIME_AT then return nil end
  message.transaction_id = tvb(TRANSACTION_ID_AT, 3):uint()
  tree:add(transaction_id, tvb(TRANSACTION_ID_AT, 3))
  if HAS_NO_SENT_TIME[message.type] then return SENT_TIME_AT end
  if not MESSAGE_TYPES[message.type] or tvb:len() < SENT_TIME_AT + 4 then return nil end
  sent_time.show(tree, tvb(SENT_TIME_AT, 4), message)
  return SENT_TIME_AT + 4
end

local function show_contents(tree, tvb, pinfo, message)
  local options_at = show_header(tree, tvb, message)
  if message.type and not MESSAGE_TYPES[message.type] then
    tree:add_proto_expert_info(parts.unknown_type)
  elseif not options_at then
    parts.complain(tree, message, 'a message shorter than its header')
  else
    if options_at < tvb:len() then options.show(tree, tvb(options_at), message) end
    if not pinfo.visited then note_exchange(message, pinfo) end
    show_exchange(tree, message)
  end
end

--- `tvb` begins with the size of the message.
local function show_message(tvb, pinfo, tree)
  local message = {
    frame = pinfo.number, captured = pinfo.abs_ts, is_cut = tvb:len() < tvb:reported_len(), depth = 0,
    words = {}, leases = {},
  }
  local item = tree:add(failover, tvb())
  if tvb:len() >= SIZE_OF_SIZE then item:add(message_size, tvb(0, SIZE_OF_SIZE)) end
  show_contents(item, tvb, pinfo, message)
  local text = text_of_message(message)
  item:append_text(', ' .. text)
  write_info(pinfo, text)
  return tvb:len()
end

-- The connection ---------------------------------------------------------------------------------------

--- What a snapshot length cut off cannot be waited for.
local function size_with_message(tvb, _, at)
  if tvb:len() - at < SIZE_OF_SIZE then return SIZE_OF_SIZE end
  return SIZE_OF_SIZE + tvb(at, SIZE_OF_SIZE):uint()
end

--- Read as one of our frames, the head of a TLS record would be a message of type 0 to 4 and of more than
--- 5000 octets, which nobody sends here. So no memory of a STARTTLS is needed.
local function begins_tls(tvb)
  if tvb:len() < 3 then return false end
  local content, major, minor = tvb(0, 1):uint(), tvb(1, 1):uint(), tvb(2, 1):uint()
  return content >= 20 and content <= 23 and major == 3 and minor <= 4
end

local tls = Dissector.get('tls')

function failover.dissector(tvb, pinfo, tree)
  if begins_tls(tvb) then return tls:call(tvb, pinfo, tree) end
  pinfo.cols.protocol = 'DHCPv6-FO'
  dissect_tcp_pdus(tvb, tree, SIZE_OF_SIZE, size_with_message, show_message)
  return tvb:len()
end

failover.fields = parts.fields
failover.init = forget_exchanges

-- Where it is asked ------------------------------------------------------------------------------------

failover.prefs.port = Pref.uint('TCP port', 647, 'The port to which the primary server connects')

local tcp_port, tls_port = DissectorTable.get('tcp.port'), DissectorTable.get('tls.port')
local port, previous  -- who had the port before us gets it back

local function take_port()
  if port == failover.prefs.port then return end
  if port then
    tcp_port:remove(port, failover)
    tls_port:remove(port, failover)
    if previous then tcp_port:add(port, previous) end
  end
  port = failover.prefs.port
  previous = tcp_port:get_dissector(port)
  tcp_port:add(port, failover)
  tls_port:add(port, failover)
end

failover.prefs_changed = take_port
tcp_port:add_for_decode_as(failover)
take_port()
