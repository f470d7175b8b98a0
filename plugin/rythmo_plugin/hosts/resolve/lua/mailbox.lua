-- Speak with the service through files where Lua can neither open files nor call programs (Resolve 21.1, free).
--
-- To the service: a preference of Fusion's, which SavePrefs writes to disk and the service reads there.
-- From the service: Lua files that return a table, which loadfile reads. docs/host-protocol.md has the form.

local system, trouble = ...
local KEY = "Global.Rythmo.RythmoSays"
-- Every SavePrefs writes the whole file, which Resolve reads at its start: keep it small.
local PART_BYTES = 24576
local LOOK_SECONDS = 0.1
local TRIES = 5
-- The service shows a sign of life every second while it works for us.
local SILENT_SECONDS = 20
local START_SECONDS = 120
local CLOSED = "Rythmo was closed. Run the script again: finished work is kept."
local RESTARTED = "Rythmo was started anew. Run the script again: finished work is kept."
local ABSENT = "Rythmo is not running. Start it (rythmo serve), then run this script again."

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function letter(number)
  return LETTERS:sub(number + 1, number + 1)
end

local function base64(data)
  local out = {}
  for place = 1, #data, 3 do
    local a, b, c = data:byte(place, place + 2)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    out[#out + 1] = letter(math.floor(bits / 262144)) .. letter(math.floor(bits / 4096) % 64)
      .. (b and letter(math.floor(bits / 64) % 64) or "=") .. (c and letter(bits % 64) or "=")
  end
  return table.concat(out)
end

-- Adler-32, by which the service knows a message that is not yet whole on disk.
local function checksum(data)
  local low, high = 1, 0
  for place = 1, #data do
    low = (low + data:byte(place)) % 65521
    high = (high + low) % 65521
  end
  return ("%.0f"):format(high * 65536 + low)
end

-- Return the table in a file of the service's, or nil. The service renames whole files into place.
local function read(path)
  local chunk = loadfile(path)
  if not chunk then
    return nil
  end
  local fine, value = pcall(chunk)
  return fine and type(value) == "table" and value or nil
end

-- Return a name that no other run has, also not one of the same second.
local function new_loop_name()
  local address = tostring({}):match("(%x+)$") or ""
  return ("%.0f"):format(os.time()) .. "x" .. address .. "x" .. ("%.0f"):format(os.clock() * 1e6)
end

local Mailbox = {}
Mailbox.__index = Mailbox

function Mailbox:fail(text)
  self.closed = true
  trouble(text)
end

function Mailbox:state()
  return read(self.folder .. "/service.lua")
end

-- Wait until a service has left its file, so that it can be started after the script.
function Mailbox:wait_for_service()
  local until_ = system.now() + START_SECONDS
  repeat
    local state = self:state()
    if state then
      self.run = state.run
      return
    end
    system.sleep(1)
  until system.now() > until_
  self:fail(ABSENT)
end

function Mailbox:say(name, parts, data)
  local head = table.concat({ self.run, (name:gsub("-", ":")), parts, checksum(data) }, ":")
  self.last = head .. ":" .. base64(data)
  self.fusion:SetPrefs(KEY, self.last)
  self.fusion:SavePrefs()
end

-- Take notice of a service that was started anew: only before the first answer can we go on with it.
function Mailbox:follow(run)
  if self.answered then
    self:fail(RESTARTED)
  end
  self.run = run
end

-- Send one part and return the table that answers it. A part that was not taken in time is sent again: another
-- run may have written over it. The service takes each name once.
function Mailbox:exchange(part, parts, data)
  local name = self.loop .. "-" .. self.number .. "-" .. part
  local tries, pause, due, beat, heard = 0, self.pause, 0, nil, system.now()
  while true do
    local answer, state, now = read(self.folder .. "/" .. name .. ".lua"), self:state(), system.now()
    if answer then
      self.answered = true
      return answer
    end
    if state and state.run ~= self.run then
      self:follow(state.run)
      tries, due = 0, 0
    end
    if state and state.beat ~= beat then
      beat, heard = state.beat, now
    end
    if state and state.taken[self.loop] == name then
      if now - heard > SILENT_SECONDS then
        self:fail(CLOSED)
      end
    elseif now >= due then
      if tries == TRIES then
        self:fail(self.answered and CLOSED or ABSENT)
      end
      self:say(name, parts, data)
      tries, pause, due = tries + 1, math.min(8, pause * 2), now + pause
    elseif not state and self.answered and now - heard > SILENT_SECONDS then
      self:fail(CLOSED)
    end
    system.sleep(LOOK_SECONDS)
  end
end

-- Send a request and return the status and the text of the answer.
function Mailbox:request(method, path, content)
  local data = method .. " " .. path .. "\n" .. (content or "")
  local parts = math.max(1, math.ceil(#data / PART_BYTES))
  self.number = self.number + 1
  local answer
  for part = 1, parts do
    answer = self:exchange(part, parts, data:sub((part - 1) * PART_BYTES + 1, part * PART_BYTES))
  end
  return answer.status, answer.text
end

-- Leave no message in the preferences, unless it is another run's.
function Mailbox:close()
  if self.last and self.fusion:GetPrefs(KEY) == self.last then
    self.fusion:SetPrefs(KEY, "")
    self.fusion:SavePrefs()
  end
end

return function(folder, fusion)
  local loop = new_loop_name()
  -- Two runs that write over each other must not do so again in step.
  local pause = 1.5 + (tonumber(checksum(loop)) % 100) / 100
  return setmetatable({ folder = folder, fusion = fusion, loop = loop, number = 0, pause = pause }, Mailbox)
end
