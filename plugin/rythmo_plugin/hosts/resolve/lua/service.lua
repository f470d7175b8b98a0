-- Find Rythmo's service by the file that it writes, start it if necessary, and call it.

local http, wire, trouble = ...
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
  local method, content = lines and "POST" or "GET", lines and wire.encode(lines)
  local status, body = http.request(port, method, "/api/v1" .. path, token, content)
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
  if self:ready() then
    return
  end
  if self.start == "" then
    trouble("Rythmo is not running. Start it (rythmo serve), then run this script again.")
  end
  if http.windows then
    os.execute('set PYTHONHOME=&& set PYTHONPATH=&& start "" /b ' .. self.start .. " >nul 2>&1")
  else
    os.execute("(unset " .. FOREIGN .. "; " .. self.start .. " </dev/null >/dev/null 2>&1 &)")
  end
  for _ = 1, START_SECONDS * 2 do
    if self:ready() then
      return
    end
    http.sleep(0.5)
  end
  trouble("Rythmo did not start within a minute. Try in a terminal: " .. self.start)
end

return function(home, start)
  return setmetatable({ home = home, start = start }, Service)
end
