-- Gives a Lua script the globals that Resolve's own Lua has; each call goes through two pipes to the fake.
-- Arguments: the pipe for requests, the pipe for answers, the script, what it wants, and "sandbox" for the Lua of
-- Resolve 21.1's free edition, which lacks the names below and has Resolve's own behind a metatable.

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

-- What a test wants to answer beforehand, like { language = "es" }.
RYTHMO_WANTS = arg[4] and loadstring("return " .. arg[4])()
local sandboxed, clock = arg[5] == "sandbox", 0
local own = {
  resolve = object(0),
  fusion = sandboxed and object(1) or nil,
  bmd = {
    wait = function(seconds)
      clock = clock + seconds
      return ask({ 0, "!wait", { seconds } })
    end,
    -- Waits are cut short in tests, and time goes by what was asked for.
    gettime = function() return clock end,
  },
}
if sandboxed then
  for _, name in ipairs({ "io", "ffi", "package", "require", "debug", "arg" }) do
    _G[name] = nil
  end
  os.execute, os.remove, os.rename = nil, nil, nil
  setmetatable(_G, { __index = own })
else
  resolve, bmd = own.resolve, own.bmd
end
dofile(script)
