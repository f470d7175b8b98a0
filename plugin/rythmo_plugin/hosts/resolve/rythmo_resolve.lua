-- Rythmo inside DaVinci Resolve, free edition: does what the service says, and reports what it saw.
--
-- Resolve's Lua is LuaJIT: sockets come through its ffi. Where there is no ffi (plain Lua 5.1), curl is called.
-- Nothing is decided here. docs/host-protocol.md says what each verb means; rythmo_resolve.py is the same in
-- Python. Only calls of the free edition are made: another one opens a message box that breaks later calls.

local PROTOCOL = "1"
local START_SECONDS = 60
local CALL_SECONDS = 600
local EXPORTS = { otio = "EXPORT_OTIO", fcp7 = "EXPORT_FCP_7_XML" }
-- Resolve sets these for itself; a Python started with them would load the wrong libraries.
local FOREIGN = "PYTHONHOME PYTHONPATH LD_LIBRARY_PATH DYLD_LIBRARY_PATH QT_PLUGIN_PATH"

local ffi = rawget(_G, "ffi")
if not ffi then
  local there, found = pcall(require, "ffi")
  ffi = there and found or nil
end
local windows = package.config:sub(1, 1) == "\\"

-- Errors that the person should read are tables, so that no line number stands before them.
local function trouble(text)
  error({ text = text }, 0)
end

-- The line form: a verb and fields, parted by tabs.

local WRITTEN = { ["\\"] = "\\\\", ["\t"] = "\\t", ["\n"] = "\\n", ["\r"] = "\\r" }
local MEANT = { t = "\t", n = "\n", r = "\r" }

local function encode(lines)
  local out = {}
  for _, line in ipairs(lines) do
    local fields = {}
    for place = 1, line.n or #line do
      fields[place] = tostring(line[place] == nil and "" or line[place]):gsub("[\\\t\n\r]", WRITTEN)
    end
    out[#out + 1] = table.concat(fields, "\t") .. "\n"
  end
  return table.concat(out)
end

local function decode(text)
  local lines = {}
  for line in text:gmatch("([^\n]+)\n") do
    local fields = {}
    for field in (line .. "\t"):gmatch("([^\t]*)\t") do
      fields[#fields + 1] = field:gsub("\\(.)", function(mark) return MEANT[mark] or mark end)
    end
    lines[#lines + 1] = fields
  end
  return lines
end

-- Waiting.

local function sleep(seconds)
  local fusion = rawget(_G, "bmd")
  if fusion and fusion.wait then
    fusion.wait(seconds)
  elseif ffi and windows then
    pcall(ffi.cdef, "void Sleep(uint32_t milliseconds);")
    ffi.C.Sleep(seconds * 1000)
  elseif ffi then
    pcall(ffi.cdef, "int usleep(uint32_t microseconds);")
    ffi.C.usleep(seconds * 1000000)
  else
    os.execute("sleep " .. seconds)
  end
end

-- One exchange of bytes with 127.0.0.1, by socket.

local function declare()
  local address = "uint16_t family;"
  if ffi.os == "OSX" or ffi.os == "BSD" then
    address = "uint8_t length; uint8_t family;"
  end
  local handle = windows and "uintptr_t" or "int"
  local size = windows and "int" or "size_t"
  local given = windows and "int" or "ssize_t"
  -- A second run in the same Resolve finds them declared already.
  pcall(ffi.cdef, "struct rythmo_address {" .. address .. " uint16_t port; uint32_t host; char zero[8]; };")
  pcall(ffi.cdef, handle .. " socket(int domain, int kind, int protocol);")
  pcall(ffi.cdef, "int connect(" .. handle .. " s, const void *address, int length);")
  pcall(ffi.cdef, given .. " send(" .. handle .. " s, const char *data, " .. size .. " length, int flags);")
  pcall(ffi.cdef, given .. " recv(" .. handle .. " s, char *data, " .. size .. " length, int flags);")
  pcall(ffi.cdef, "int setsockopt(" .. handle .. " s, int level, int name, const void *value, int length);")
  if windows then
    pcall(ffi.cdef, "int closesocket(uintptr_t s); int WSAStartup(uint16_t version, void *data);")
  else
    pcall(ffi.cdef, "int close(int file);")
  end
end

local function limit_time(net, socket)
  local linux = ffi.os == "Linux"
  local level, name = linux and 1 or 0xffff, linux and 20 or 0x1006 -- SOL_SOCKET, SO_RCVTIMEO
  if windows then
    net.setsockopt(socket, level, name, ffi.new("uint32_t[1]", CALL_SECONDS * 1000), 4)
  else
    net.setsockopt(socket, level, name, ffi.new("long[2]", CALL_SECONDS, 0), 2 * ffi.sizeof("long"))
  end
  if ffi.os == "OSX" then
    net.setsockopt(socket, level, 0x1022, ffi.new("int[1]", 1), 4) -- SO_NOSIGPIPE
  end
end

local function exchange(port, request)
  declare()
  local net = windows and ffi.load("ws2_32") or ffi.C
  if windows then
    net.WSAStartup(0x0202, ffi.new("char[1024]"))
  end
  local close = windows and net.closesocket or net.close
  local socket = net.socket(2, 1, 0) -- AF_INET, SOCK_STREAM
  local address = ffi.new("struct rythmo_address")
  if ffi.os == "OSX" or ffi.os == "BSD" then
    address.length = 16
  end
  address.family = 2
  local bytes = ffi.cast("uint8_t *", address)
  bytes[2], bytes[3] = math.floor(port / 256), port % 256
  bytes[4], bytes[5], bytes[6], bytes[7] = 127, 0, 0, 1
  if net.connect(socket, address, 16) ~= 0 then
    close(socket)
    return nil
  end
  limit_time(net, socket)
  local quiet = ffi.os == "Linux" and 0x4000 or 0 -- MSG_NOSIGNAL
  local sent = 0
  while sent < #request do
    local part = request:sub(sent + 1, sent + 65536)
    local count = tonumber(net.send(socket, part, #part, quiet))
    if count <= 0 then
      close(socket)
      return nil
    end
    sent = sent + count
  end
  local buffer, parts = ffi.new("char[65536]"), {}
  while true do
    local count = tonumber(net.recv(socket, buffer, 65536, 0))
    if count <= 0 then
      close(socket)
      return count == 0 and table.concat(parts) or nil
    end
    parts[#parts + 1] = ffi.string(buffer, count)
  end
end

-- One request, as HTTP/1.0 so that the answer comes in one piece. Gives status and body, or nil.

local function by_socket(port, method, path, token, body)
  local head = {
    method .. " " .. path .. " HTTP/1.0",
    "Host: 127.0.0.1:" .. port,
    "Authorization: Bearer " .. token,
    "Content-Type: text/plain; charset=utf-8",
    "Content-Length: " .. #(body or ""),
    "Connection: close",
  }
  local answer = exchange(port, table.concat(head, "\r\n") .. "\r\n\r\n" .. (body or ""))
  if not answer then
    return nil
  end
  local status, rest = answer:match("^HTTP/%d%.%d (%d+)[^\n]*\n(.*)$")
  local _, finish = (rest or ""):find("\r\n\r\n", 1, true)
  return tonumber(status), rest and rest:sub((finish or #rest) + 1) or ""
end

local function by_curl(port, method, path, token, body)
  -- The token goes through a file that only this user may read: others see the words of a command.
  local settings, content = os.tmpname(), os.tmpname()
  local file = assert(io.open(content, "wb"))
  file:write(body or "")
  file:close()
  file = assert(io.open(settings, "wb"))
  file:write('header = "Authorization: Bearer ', token, '"\n')
  file:write('header = "Content-Type: text/plain; charset=utf-8"\nnoproxy = "*"\nsilent\n')
  file:write('url = "http://127.0.0.1:', port, path, '"\nrequest = "', method, '"\n')
  file:write("max-time = ", CALL_SECONDS, '\nwrite-out = "%{http_code}"\n')
  if body then
    file:write('data-binary = "@', (content:gsub("\\", "\\\\")), '"\n')
  end
  file:close()
  local pipe = io.popen('curl -K "' .. settings .. '"', "r")
  local answer = pipe:read("*a")
  pipe:close()
  os.remove(settings)
  os.remove(content)
  local status = tonumber(answer:sub(-3))
  if not status or status == 0 then
    return nil
  end
  return status, answer:sub(1, -4)
end

-- The service: found by the file it writes, started when it does not answer.

local Service = {}
Service.__index = Service

function Service:call(path, lines)
  local file = io.open(self.home .. "/service.json", "rb")
  local said = file and file:read("*a") or ""
  if file then
    file:close()
  end
  local port = tonumber(said:match('"address"%s*:%s*"http://127%.0%.0%.1:(%d+)"'))
  local token = said:match('"token"%s*:%s*"([^"]*)"')
  if not port or not token then
    return nil
  end
  local send = ffi and by_socket or by_curl
  local status, body = send(port, lines and "POST" or "GET", "/api/v1" .. path, token, lines and encode(lines))
  if not status then
    return nil
  end
  if status >= 300 then
    local message = body:match('"message"%s*:%s*"([^"]*)"') or ("Rythmo answered " .. status .. ".")
    trouble(message .. " " .. (body:match('"hint"%s*:%s*"([^"]*)"') or ""))
  end
  return decode(body)
end

function Service:ready()
  local fine, answer = pcall(self.call, self, "/service")
  return fine and answer ~= nil
end

function Service:ensure()
  if self:ready() then
    return
  end
  if self.start == "" then
    trouble("Rythmo is not running. Start it (rythmo serve), then run this script again.")
  end
  if windows then
    os.execute('set PYTHONHOME=&& set PYTHONPATH=&& start "" /b ' .. self.start .. " >nul 2>&1")
  else
    os.execute("(unset " .. FOREIGN .. "; " .. self.start .. " </dev/null >/dev/null 2>&1 &)")
  end
  for _ = 1, START_SECONDS * 2 do
    if self:ready() then
      return
    end
    sleep(0.5)
  end
  trouble("Rythmo did not start within a minute. Try in a terminal: " .. self.start)
end

-- Resolve: executes verbs on one timeline of the project that is open.

local Host = {}
Host.__index = Host

local function open_host(resolve)
  local self = setmetatable({ resolve = resolve, items = {}, waiting = {} }, Host)
  self.project = resolve:GetProjectManager():GetCurrentProject()
  if not self.project then
    trouble("Open a project first.")
  end
  self.pool = self.project:GetMediaPool()
  self.timeline = self.project:GetCurrentTimeline()
  if not self.timeline then
    trouble("Open a timeline first.")
  end
  return self
end

local function flag(value)
  return value and 1 or 0
end

local function listed(thing)
  return type(thing) == "table" and thing or {}
end

local function same_path(one, other)
  one, other = (one or ""):gsub("\\", "/"), other:gsub("\\", "/")
  if windows then
    one, other = one:lower(), other:lower()
  end
  return one == other
end

function Host:described()
  local line = self.timeline
  local rate = line:GetSetting("timelineFrameRate") or self.project:GetSetting("timelineFrameRate")
  local drop = flag(line:GetSetting("timelineDropFrameTimecode") == "1")
  local start, label = line:GetStartFrame(), line:GetStartTimecode()
  return { "timeline", line:GetName(), line:GetUniqueId() or "", rate or "", start, label or "", drop }
end

function Host:hello(action, wants)
  local lines = {
    { "protocol", PROTOCOL },
    { "host", self.resolve:GetProductName() or "DaVinci Resolve", self.resolve:GetVersionString() or "" },
    { "action", action },
    self:described(),
  }
  for name, value in pairs(wants) do
    lines[#lines + 1] = { "want", name, value }
  end
  return lines
end

local DO = {}

function DO.say(_, text)
  print("Rythmo: " .. text)
end

function DO.wait(_, seconds)
  sleep(tonumber(seconds))
end

-- Clips are appended to the timeline that is current: it must be ours, whatever is open by now.
function DO.use(host)
  host.project:SetCurrentTimeline(host.timeline)
end

-- The enums are numbers that change between versions: the handle knows them.
function DO.export(host, form, path)
  local done = host.timeline:Export(path, host.resolve[EXPORTS[form]], host.resolve.EXPORT_NONE)
  return { { "exported", form, flag(done) } }
end

function DO.duplicate(host, name)
  local copy = host.timeline:DuplicateTimeline(name)
  if not copy then
    return { { "failed", "duplicate", name } }
  end
  host.timeline = copy
  DO.use(host)
  return { host:described() }
end

function DO.load(host, path, name)
  local loaded = host.pool:ImportTimelineFromFile(path, { timelineName = name, importSourceClips = true })
  if not loaded then
    return { { "failed", "load", path } }
  end
  host.timeline = loaded
  DO.use(host)
  return { host:described() }
end

function DO.bin(host, name)
  local root = host.pool:GetRootFolder()
  for _, folder in ipairs(listed(root:GetSubFolderList())) do
    if folder:GetName() == name then
      host.pool:SetCurrentFolder(folder)
      return
    end
  end
  local made = host.pool:AddSubFolder(root, name)
  if made then
    host.pool:SetCurrentFolder(made)
  end
end

local function held(host, path)
  local folder = host.pool:GetCurrentFolder()
  for _, item in ipairs(listed(folder and folder:GetClipList())) do
    if same_path(item:GetClipProperty("File Path"), path) then
      return item
    end
  end
end

-- A file that is there already comes back as nothing: look for it.
DO["import"] = function(host, key, path)
  local item = held(host, path)
  if not item then
    item = listed(host.pool:ImportMedia({ path }))[1] or held(host, path)
  end
  if not item then
    return { { "failed", "import", key } }
  end
  host.items[key] = item
  return { { "item", key, item:GetClipProperty("FPS") or "" } }
end

-- The answer is not believed: the count says whether the track is there.
function DO.track(host, key, form, name)
  local before = host.timeline:GetTrackCount("audio")
  host.timeline:AddTrack("audio", form)
  local index = host.timeline:GetTrackCount("audio")
  if index ~= before + 1 then
    return { { "failed", "track", name } }
  end
  host.timeline:SetTrackName("audio", index, name)
  return { { "made", key, index } }
end

function DO.drop(host, kind, index)
  host.timeline:DeleteTrack(kind, tonumber(index))
end

function DO.enable(host, kind, index, on)
  host.timeline:SetTrackEnable(kind, tonumber(index), on == "1")
end

-- Frames are whole numbers: fractions make Resolve drop them all.
function DO.place(host, key, index, record, first, last)
  local clip = {
    mediaPoolItem = host.items[key] or error("not imported: " .. key, 0),
    mediaType = 2,
    trackIndex = tonumber(index),
    recordFrame = tonumber(record),
  }
  if first then
    clip.startFrame, clip.endFrame = tonumber(first), tonumber(last)
  end
  host.waiting[#host.waiting + 1] = clip
end

-- What it returns says nothing.
function DO.append(host)
  local clips = host.waiting
  host.waiting = {}
  host.pool:AppendToTimeline(clips)
end

-- Subtitles land on the first subtitle track, which must be there.
function DO.subtitle(host, key, record)
  if host.timeline:GetTrackCount("subtitle") == 0 then
    host.timeline:AddTrack("subtitle")
  end
  local clip = { mediaPoolItem = host.items[key] or error("not imported: " .. key, 0) }
  if record then
    clip.recordFrame = tonumber(record)
  end
  sleep(0.5) -- without it Resolve may answer and place nothing
  host.pool:AppendToTimeline({ clip })
  sleep(0.5)
end

function DO.remove(host, kind, index, start, name)
  for _, item in ipairs(listed(host.timeline:GetItemListInTrack(kind, tonumber(index)))) do
    if item:GetStart() == tonumber(start) and item:GetName() == name then
      host.timeline:DeleteClips({ item }, false)
      return
    end
  end
end

-- A marker's place counts from the timeline's start.
function DO.mark(host, offset, colour, name, note, length, mark)
  host.timeline:AddMarker(tonumber(offset), colour, name, note, tonumber(length), mark)
end

function DO.unmark(host, mark)
  host.timeline:DeleteMarkerByCustomData(mark)
end

local function look_at_track(host, kind, index, lines)
  local line = host.timeline
  local form = kind == "audio" and line:GetTrackSubType(kind, index) or ""
  local on = flag(line:GetIsTrackEnabled(kind, index))
  lines[#lines + 1] = { "track", kind, index, line:GetTrackName(kind, index) or "", form, on }
  for _, item in ipairs(listed(line:GetItemListInTrack(kind, index))) do
    local media = kind == "audio" and item:GetMediaPoolItem()
    local path = media and media:GetClipProperty("File Path") or ""
    local start, length = item:GetStart(), item:GetDuration()
    lines[#lines + 1] = { "clip", kind, index, start, length, item:GetName(), path }
  end
end

function DO.look(host)
  local lines = {}
  for _, kind in ipairs({ "audio", "subtitle" }) do
    for index = 1, host.timeline:GetTrackCount(kind) or 0 do
      look_at_track(host, kind, index, lines)
    end
  end
  for offset, marker in pairs(listed(host.timeline:GetMarkers())) do
    lines[#lines + 1] = {
      "marker", offset, marker.color or "", marker.name or "", marker.customData or "", marker.note or "",
    }
  end
  return lines
end

function Host:execute(step, reports)
  local action = DO[step[1]]
  if not action then
    reports[#reports + 1] = { "failed", step[1], "this script does not know it" }
    return
  end
  local fine, lines = pcall(action, self, unpack(step, 2))
  if not fine then
    lines = { { "failed", step[1], tostring(lines) } }
  end
  for _, line in ipairs(lines or {}) do
    reports[#reports + 1] = line
  end
end

-- The conversation. A turn that may have been lost is sent again: it gets the same answer.

local function again(service, path, reports)
  for _ = 1, 3 do
    local answer = service:call(path, reports)
    if answer then
      return answer
    end
    sleep(1)
  end
  trouble("Rythmo was closed. Run the script again: what was made is kept.")
end

local function talk(service, host, action, wants)
  local answer, session, turn = service:call("/hosts/resolve/sessions", host:hello(action, wants)), nil, 0
  if not answer then
    trouble("Rythmo does not answer.")
  end
  while true do
    local reports = {}
    for _, step in ipairs(answer) do
      if step[1] == "end" then
        return step[2], step[3]
      elseif step[1] == "session" then
        session = step[2]
      else
        host:execute(step, reports)
      end
    end
    turn = turn + 1
    answer = again(service, "/hosts/sessions/" .. session .. "/turns/" .. turn, reports)
  end
end

local M = {}

-- `wants` like { language = "es", mode = "add" } answers beforehand what the page would ask.
function M.main(action, home, start, wants)
  local fine, state, text = pcall(function()
    local resolve = rawget(_G, "resolve") or (rawget(_G, "Resolve") and Resolve())
    if not resolve then
      trouble("Run this from Workspace > Scripts in DaVinci Resolve.")
    end
    local host = open_host(resolve)
    local service = setmetatable({ home = home, start = start }, Service)
    service:ensure()
    return talk(service, host, action, wants or {})
  end)
  if not fine then
    state, text = "failed", type(state) == "table" and state.text or tostring(state)
  end
  print("Rythmo: " .. text)
  return state
end

return M
