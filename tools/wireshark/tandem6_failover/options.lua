-- The options that failover partners send each other (RFC 8156 section 5.5, RFC 5007, RFC 7653, RFC 8415),
-- one row each: the parts of the value as the figures of the RFCs draw them.

local parts = require 'tandem6_failover.parts'

local address, domain_name, duid, flags = parts.address, parts.domain_name, parts.duid, parts.flags
local number, octets, seconds, text = parts.number, parts.octets, parts.seconds, parts.text
local time, time_if_any = parts.time, parts.time_if_any
local complain, field = parts.complain, parts.field

-- What is noted for the Info column --------------------------------------------------------------------

local function say(message, word) message.words[#message.words + 1] = word end

local function begin_lease(message, lease)
  message.lease = { name = lease }
  message.leases[#message.leases + 1] = message.lease
end

local function note_binding_status(message, status)
  if message.lease then message.lease.status = status end
end

local function note_status_code(message, status, code)
  message.has_status = true
  if code == 0 then return end
  if message.lease then
    message.lease.refusal = status
  else
    say(message, status)
  end
end

local function note_status_message(message, status_message)
  if not message.lease then say(message, '"' .. status_message .. '"') end
end

local function note_server_flag(message, flag)
  if flag == 'STARTUP' then say(message, '(in STARTUP)') end
end

-- Walking ----------------------------------------------------------------------------------------------

local surplus = field('bytes', 'surplus', 'Octets that have no place here')

--- The parts one after another; returns what they say.
local function show_parts(tree, row_parts, range, message)
  local at, left, said = 0, range and range:len() or 0, {}
  for _, part in ipairs(row_parts) do
    local size = part.size or left
    if size > left or size < (part.least or 0) then
      complain(tree, message, 'a value that is too short')
      return said
    end
    if size > 0 then said[#said + 1] = part.show(tree, range(at, size), message) end
    at, left = at + size, left - size
  end
  if left > 0 then complain(tree:add(surplus, range(at, left)), message, 'a value that is too long') end
  return said
end

--- Options of one kind: the rows that explain them, by code, and the fields that they all have.
local function kind_of_options(abbreviation, name)
  return {
    rows = {},
    whole = field('none', abbreviation, name),
    code = field('uint16', abbreviation .. '.code', 'Option'),
    length = field('uint16', abbreviation .. '.length', 'Length'),
  }
end

local DHCPV6 = kind_of_options('option', 'Option')
local UNKNOWN = { name = 'unknown option', octets('option.value', 'Value') }

local HEAD_SIZE = 4
-- A message of ours is five deep, one relayed through 32 relays about 40. Wireshark gives up on a tree of
-- some hundred levels, and with it on the rest of the packet.
local DEPTH_MAX = 64

--- Returns how many octets it took: all, where the option cannot be what it says it is.
local function show_option(tree, range, message, kind)
  local left = range:len() - HEAD_SIZE
  if left < 0 then
    complain(tree:add(surplus, range), message, 'an option without its code and length')
    return range:len()
  end
  local code, length = range(0, 2):uint(), range(2, 2):uint()
  local row = kind.rows[code] or UNKNOWN
  local title = row.name .. ' (' .. code .. ')'
  local item = tree:add(kind.whole, range(0, HEAD_SIZE + math.min(length, left))):set_text(title)
  item:add(kind.code, range(0, 2)):set_text('Option: ' .. title)
  item:add(kind.length, range(2, 2))
  if length > left then
    complain(item, message, 'an option that runs past its container')
    return range:len()
  end
  local outer_lease = message.lease
  local said = show_parts(item, row, length > 0 and range(HEAD_SIZE, length) or nil, message)
  message.lease = outer_lease
  if #said > 0 then item:append_text(': ' .. table.concat(said, ', ')) end
  return HEAD_SIZE + length
end

local function show_options(tree, range, message, kind)
  if message.depth == DEPTH_MAX then
    complain(tree:add(surplus, range), message, 'options in options without end')
    return
  end
  message.depth = message.depth + 1
  local at = 0
  while at < range:len() do at = at + show_option(tree, range(at), message, kind) end
  message.depth = message.depth - 1
end

-- Parts with a life of their own -----------------------------------------------------------------------

local options = {
  show = function(tree, range, message) show_options(tree, range, message, DHCPV6) end,
}

local prefix_length = field('uint8', 'prefix_length', 'Prefix length')
local prefix_address = field('ipv6', 'prefix', 'Prefix')

local prefix = { size = 17 }
function prefix.show(tree, range, message)
  local length = range(0, 1):uint()
  local item = tree:add(prefix_length, range(0, 1))
  if length > 128 then complain(item, message, 'a prefix of more than 128 bits') end
  tree:add(prefix_address, range(1, 16))
  local name = tostring(range(1, 16):ipv6()) .. '/' .. length
  begin_lease(message, name)
  return name
end

local RELAY_PARTS = {
  number(1, 'relay.type', 'Message type', { [12] = 'RELAY-FORW', [13] = 'RELAY-REPL' }),
  number(1, 'relay.hop_count', 'Hop count'),
  address('relay.link_address', 'Link address'),
  address('relay.peer_address', 'Peer address'),
  options,
}
local relay_message = { least = 34 }
function relay_message.show(tree, range, message)
  return table.concat(show_parts(tree, RELAY_PARTS, range, message), ', ')
end

local digest = field('bytes', 'fingerprint.digest', 'Digest')
local DIGEST_SIZE, NAME_AT = 8, 10

--- The digest of each part of the configuration with its name; the last one, without a name, is of all.
--- Another server may say anything under this number, so what is no list is no fault either.
local fingerprint = octets('fingerprint', 'Fingerprint of the configuration')
local show_fingerprint_octets = fingerprint.show
function fingerprint.show(tree, range)
  show_fingerprint_octets(tree, range)
  local at = 0
  while at + NAME_AT <= range:len() do
    local size = range(at + DIGEST_SIZE, 2):uint()
    if at + NAME_AT + size > range:len() then break end
    local name = size > 0 and parts.text_of(range(at + NAME_AT, size)) or 'all'
    tree:add(digest, range(at, DIGEST_SIZE)):append_text(' of ' .. name)
    at = at + NAME_AT + size
  end
end

local EXAMPLE_ENTERPRISE_NUMBER = 32473  -- RFC 5612; ours until there is a real one
local VENDORS = kind_of_options('vendor_option', 'Vendor option')
local OURS = {
  rows = { [1] = { name = 'tandem6 fingerprint', fingerprint } },
  whole = VENDORS.whole, code = VENDORS.code, length = VENDORS.length,
}

local vendor_options = {}
function vendor_options.show(tree, range, message)
  local is_ours = message.enterprise_number == EXAMPLE_ENTERPRISE_NUMBER
  show_options(tree, range, message, is_ours and OURS or VENDORS)
end
local function note_enterprise_number(message, _, value) message.enterprise_number = value end

-- The table --------------------------------------------------------------------------------------------

local BINDING_STATUSES = {
  [0] = 'reserved', 'ACTIVE', 'EXPIRED', 'RELEASED', 'PENDING-FREE', 'FREE', 'FREE-BACKUP', 'ABANDONED',
  'RESET',
}

local SERVER_STATES = {
  [0] = 'reserved', 'STARTUP', 'NORMAL', 'COMMUNICATIONS-INTERRUPTED', 'PARTNER-DOWN', 'POTENTIAL-CONFLICT',
  'RECOVER', 'RECOVER-WAIT', 'RECOVER-DONE', 'RESOLUTION-INTERRUPTED', 'CONFLICT-DONE',
}

local STATUS_CODES = {
  [0] = 'Success', 'UnspecFail', 'NoAddrsAvail', 'NoBinding', 'NotOnLink', 'UseMulticast', 'NoPrefixAvail',
  'UnknownQueryType', 'MalformedQuery', 'NotConfigured', 'NotAllowed', 'QueryTerminated', 'DataMissing',
  'CatchUpComplete', 'NotSupported', 'TLSConnectionRefused', 'AddressInUse', 'ConfigurationConflict',
  'MissingBindingInformation', 'OutdatedBindingInformation', 'ServerShuttingDown', 'DNSUpdateNotSupported',
  'ExcessiveTimeSkew',
}

local VSS_TYPES = { [0] = 'NVT ASCII identifier', 'RFC 2685 VPN-ID', [255] = 'global VPN' }

local CONNECT_FLAGS = { { 0x0001, 'fixed_pd_length', 'FIXED_PD_LENGTH' } }
local SERVER_FLAGS = {
  { 0x04, 'ack_startup', 'ACK_STARTUP' }, { 0x02, 'startup', 'STARTUP' },
  { 0x01, 'communicated', 'COMMUNICATED' },
}
local DNS_FLAGS = {
  { 0x0008, 'using_requested_fqdn', 'USING_REQUESTED_FQDN' }, { 0x0004, 'synthesized_name', 'SYNTHESIZED_NAME' },
  { 0x0002, 'rev_uptodate', 'REV_UPTODATE' }, { 0x0001, 'fwd_uptodate', 'FWD_UPTODATE' },
}
local FQDN_FLAGS = { { 0x04, 'n', 'N' }, { 0x02, 'o', 'O' }, { 0x01, 's', 'S' } }

-- Parts that stand in several rows.
local iaid = number(4, 'iaid', 'IAID')
local t1, t2 = seconds('t1', 'T1'), seconds('t2', 'T2')
local preferred_lifetime = seconds('preferred_lifetime', 'Preferred lifetime')
local valid_lifetime = seconds('valid_lifetime', 'Valid lifetime')

--- The name is that of the RFC.
local function row(code, name, ...) DHCPV6.rows[code] = { name = 'OPTION_' .. name, ... } end

row(1, 'CLIENTID', duid('client_id', 'Client identifier'))
row(2, 'SERVERID', duid('server_id', 'Server identifier'))
row(3, 'IA_NA', iaid, t1, t2, options)
row(4, 'IA_TA', iaid, options)
row(5, 'IAADDR', address('address', 'Address', begin_lease), preferred_lifetime, valid_lifetime, options)
row(9, 'RELAY_MSG', relay_message)
row(13, 'STATUS_CODE', number(2, 'status_code', 'Status code', STATUS_CODES, note_status_code),
  text('status_message', 'Status message', note_status_message))
row(17, 'VENDOR_OPTS', number(4, 'enterprise_number', 'Enterprise number', nil, note_enterprise_number),
  vendor_options)
row(18, 'INTERFACE_ID', octets('interface_id', 'Interface-Id'))
row(25, 'IA_PD', iaid, t1, t2, options)
row(26, 'IAPREFIX', preferred_lifetime, valid_lifetime, prefix, options)
row(37, 'REMOTE_ID', number(4, 'remote_id.enterprise_number', 'Enterprise number'),
  octets('remote_id', 'Remote-ID', 1))
row(38, 'SUBSCRIBER_ID', octets('subscriber_id', 'Subscriber-ID', 1))
row(39, 'CLIENT_FQDN', flags(1, 'client_fqdn.flags', 'Flags', FQDN_FLAGS),
  domain_name('client_fqdn', 'Domain name of the client'))
row(45, 'CLIENT_DATA', options)
row(46, 'CLT_TIME', seconds('clt_time', 'Since the last transaction of the client'))
row(47, 'LQ_RELAY_DATA', address('relay_data.peer_address', 'Peer address'), relay_message)
row(53, 'RELAY_ID', duid('relay_id', 'Relay identifier'))
row(68, 'VSS', number(1, 'vss.type', 'VSS type', VSS_TYPES), octets('vss', 'VSS information'))
row(79, 'CLIENT_LINKLAYER_ADDR', number(2, 'link_layer_type', 'Link-layer type'),
  octets('link_layer_address', 'Link-layer address'))
row(100, 'LQ_BASE_TIME', time_if_any('lq_base_time', 'Base time'))
row(114, 'F_BINDING_STATUS',
  number(1, 'binding_status', 'Binding status', BINDING_STATUSES, note_binding_status))
row(115, 'F_CONNECT_FLAGS', flags(2, 'connect_flags', 'Connect flags', CONNECT_FLAGS))
row(116, 'F_DNS_REMOVAL_INFO', options)
row(117, 'F_DNS_HOST_NAME', domain_name('dns_host_name', 'Host name', 1))
row(118, 'F_DNS_ZONE_NAME', domain_name('dns_zone_name', 'Zone name', 1))
row(119, 'F_DNS_FLAGS', flags(2, 'dns_flags', 'DNS flags', DNS_FLAGS))
row(120, 'F_EXPIRATION_TIME', time_if_any('expiration_time', 'Expiration time'))
row(121, 'F_MAX_UNACKED_BNDUPD', number(4, 'max_unacked_bndupd', 'Most BNDUPDs without an answer'))
row(122, 'F_MCLT', seconds('mclt', 'Maximum client lead time'))
row(123, 'F_PARTNER_LIFETIME', time_if_any('partner_lifetime', 'Partner lifetime'))
row(124, 'F_PARTNER_LIFETIME_SENT', time_if_any('partner_lifetime_sent', 'Partner lifetime sent'))
row(125, 'F_PARTNER_DOWN_TIME', time_if_any('partner_down_time', 'Partner down time'))
row(126, 'F_PARTNER_RAW_CLT_TIME', time_if_any('partner_raw_clt_time', 'Partner raw client time'))
row(127, 'F_PROTOCOL_VERSION', number(2, 'major_version', 'Major version'),
  number(2, 'minor_version', 'Minor version'))
row(128, 'F_KEEPALIVE_TIME', seconds('keepalive_time', 'Keepalive time'))
row(129, 'F_RECONFIGURE_DATA', time('reconfigure_time', 'Reconfigure time'),
  octets('reconfigure_key', 'Reconfigure key'))
row(130, 'F_RELATIONSHIP_NAME', text('relationship_name', 'Relationship name', say))
row(131, 'F_SERVER_FLAGS', flags(1, 'server_flags', 'Server flags', SERVER_FLAGS, note_server_flag))
row(132, 'F_SERVER_STATE', number(1, 'server_state', 'Server state', SERVER_STATES, say))
row(133, 'F_START_TIME_OF_STATE', time_if_any('start_time_of_state', 'Start time of state'))
row(134, 'F_STATE_EXPIRATION_TIME', time_if_any('state_expiration_time', 'State expiration time'))

return options
