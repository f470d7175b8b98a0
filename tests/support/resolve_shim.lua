-- Gives a Lua script the globals that Resolve's own Lua has; each call goes through two pipes to the fake.
-- Arguments: the pipe for requests, the pipe for answers, the script.

local requests = assert(io.open(arg[1], "w"))
local answers = assert(io.open(arg[2], "r"))
local script = arg[3]
local objects = setmetatable({}, { __mode = "v" })
local ask

local function json(value)
  local kind = type(value)
  if kind == "table" then
    local id = rawget(value, "__id")
    if id then
      return '{"$":' .. id .. "}"
    end
    local parts = {}
    if next(value) == nil or value[1] ~= nil then
      for place, each in ipairs(value) do
        parts[place] = json(each)
      end
      return "[" .. table.concat(parts, ",") .. "]"
    end
    for key, each in pairs(value) do
      parts[#parts + 1] = json(key) .. ":" .. json(each)
    end
    return "{" .. table.concat(parts, ",") .. "}"
  elseif kind == "string" then
    return '"' .. value:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
  elseif kind == "number" then
    return ("%.17g"):format(value)
  end
  return value == nil and "null" or tostring(value)
end

-- An object of the host: its methods are calls, and what is no method is asked for at once (the enums).
local function object(id)
  if not objects[id] then
    objects[id] = setmetatable({ __id = id }, {
      __index = function(_, name)
        if name:match("^[A-Z_0-9]+$") then
          return ask({ id, name })
        end
        return function(_, ...)
          local given = {}
          for place = 1, select("#", ...) do
            given[place] = select(place, ...)
          end
          return ask({ id, name, given })
        end
      end,
    })
  end
  return objects[id]
end

ask = function(request)
  requests:write(json(request), "\n")
  requests:flush()
  local load = loadstring or load
  return assert(load("local O = ...; return " .. answers:read("*l")))(object)
end

resolve = object(0)
bmd = { wait = function(seconds) return ask({ 0, "!wait", { seconds } }) end }
-- What a test wants to answer beforehand, like { language = "es" }.
RYTHMO_WANTS = arg[4] and loadstring("return " .. arg[4])()
dofile(script)
