-- Find Rythmo's service by the file that it writes, start it if necessary, and call it.

local system, http, mailbox, wire, trouble = ...
local START_SECONDS = 60
-- Resolve sets these for itself. A Python that inherits them would load the wrong libraries.
local FOREIGN = "PYTHONHOME PYTHONPATH LD_LIBRARY_PATH DYLD_LIBRARY_PATH QT_PLUGIN_PATH"

-- Find a string in the service's JSON without a parser. Quotes and line ends inside it are escaped.
local function said_in(body, name)
  local found = body:gsub('\\"', "\1"):match('"' .. name .. '"%s*:%s*"([^"]*)"')
  return found and found:gsub("\1", '"'):gsub("\\n", " ")
end

local Service = {}
Service.__index = Service

-- Return status and body, or nil if the service does not answer.
function Service:exchange(method, path, content)
  if self.box then
    return self.box:request(method, path, content)
  end
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
  return http.request(port, method, path, token, content)
end

function Service:call(path, lines)
  local method, content = lines and "POST" or "GET", lines and wire.encode(lines)
  local status, body = self:exchange(method, "/api/v1" .. path, content)
  if not status then
    return nil
  end
  if status >= 300 then
    trouble((said_in(body, "message") or ("Rythmo answered " .. status .. ".")) .. " " .. (said_in(body, "hint") or ""))
  end
  return wire.decode(body)
end

function Service:ready()
  local fine, answer = pcall(self.call, self, "/service")
  return fine and answer ~= nil
end

function Service:ensure()
  if self.box then
    self.box:wait_for_service()
    return
  end
  if self:ready() then
    return
  end
  if self.start == "" then
    trouble("Rythmo is not running. Start it (rythmo serve), then run this script again.")
  end
  if system.windows then
    os.execute('set PYTHONHOME=&& set PYTHONPATH=&& start "" /b ' .. self.start .. " >nul 2>&1")
  else
    os.execute("(unset " .. FOREIGN .. "; " .. self.start .. " </dev/null >/dev/null 2>&1 &)")
  end
  for _ = 1, START_SECONDS * 2 do
    if self:ready() then
      return
    end
    system.sleep(0.5)
  end
  trouble("Rythmo did not start within a minute. Try in a terminal: " .. self.start)
end

-- Tell the service why a run ended, for its log: in a sandbox nobody sees what a script prints.
function Service:tell(text)
  local state = self.box and not self.box.closed and self.box:state()
  if state then
    self.box.run = state.run
    pcall(self.box.request, self.box, "TELL", "/", text)
  end
end

function Service:close()
  if self.box then
    pcall(self.box.close, self.box)
  end
end

-- `resolve` is asked for Fusion's preferences where this Lua can neither open files nor call programs.
return function(home, start, resolve)
  local box = nil
  if not system.free then
    local fusion = system.find_fusion(resolve)
    if not fusion then
      trouble("This version of Resolve gives scripts no way to reach Rythmo. Import the .otio by hand.")
    end
    box = mailbox(home .. "/mailbox", fusion)
  end
  return setmetatable({ home = home, start = start, box = box }, Service)
end
