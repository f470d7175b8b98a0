-- Rythmo inside DaVinci Resolve, free edition: execute the service's steps, and report the timeline.
--
-- The service makes all decisions. docs/host-protocol.md explains the verbs; rythmo_resolve/ is the same in Python.
-- It uses only calls of the free edition: a Studio-only call opens a message box that breaks all later calls.

local LIB = ...

-- Errors for the user are tables: Lua would put a line number before a string.
local function trouble(text)
  error({ text = text }, 0)
end

local function part(name, ...)
  return assert(loadfile(LIB .. "/lua/" .. name .. ".lua"))(...)
end

local wire, system = part("lines"), part("system")
-- Which of the two ways is used depends on what this Lua offers (lua/system.lua).
local http, mailbox = part("http", system), part("mailbox", system, trouble)
local new_service, open_host = part("service", system, http, mailbox, wire, trouble), part("host", system, trouble)

-- A turn that may have been lost is sent again: it gets the same answer.

local function again(service, path, reports)
  for _ = 1, 3 do
    local answer = service:call(path, reports)
    if answer then
      return answer
    end
    system.sleep(1)
  end
  trouble("Rythmo was closed. Run the script again: finished work is kept.")
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
      elseif step[1] == "turn" then
        turn = tonumber(step[2]) -- the service waited in our place
      else
        host:execute(step, reports)
      end
    end
    turn = turn + 1
    answer = again(service, "/hosts/sessions/" .. session .. "/turns/" .. turn, reports)
  end
end

local M = {}

-- `wants` like { language = "es", mode = "add" } answers in advance what the page would ask.
function M.main(action, home, start, wants)
  local service
  local fine, state, text = pcall(function()
    local resolve, open = system.global("resolve"), system.global("Resolve")
    resolve = resolve or (open and open())
    if not resolve then
      trouble("Run this from Workspace > Scripts in DaVinci Resolve.")
    end
    service = new_service(home, start, resolve)
    local host = open_host(resolve)
    service:ensure()
    return talk(service, host, action, wants or {})
  end)
  if not fine then
    state, text = "failed", type(state) == "table" and state.text or tostring(state)
  end
  print("Rythmo: " .. text)
  if service then
    if not fine then
      service:tell(text)
    end
    service:close()
  end
  return state
end

return M
