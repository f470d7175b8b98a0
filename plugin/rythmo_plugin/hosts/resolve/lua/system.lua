-- Find out what this Lua offers. Since Resolve 21.1 the free edition runs menu scripts without io, ffi, package,
-- require and os.execute; older versions have them all.

-- Resolve's own globals may come through a metatable of _G, which rawget would not see.
local function global(name)
  local there, value = pcall(function() return _G[name] end)
  return there and value or nil
end

local function find_ffi()
  local ffi, require = global("ffi"), global("require")
  if not ffi and require then
    local there, found = pcall(require, "ffi")
    ffi = there and found or nil
  end
  return ffi
end

local function is_windows()
  local package, jit = global("package"), global("jit")
  if package then
    return package.config:sub(1, 1) == "\\"
  end
  if jit then
    return jit.os == "Windows"
  end
  return os.getenv("WINDIR") ~= nil
end

local ffi, windows, bmd = find_ffi(), is_windows(), global("bmd")

local function sleep(seconds)
  if bmd and bmd.wait then
    bmd.wait(seconds)
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

-- Return the time in seconds. Only differences mean something.
local function now()
  return bmd and bmd.gettime and bmd.gettime() or os.time()
end

-- Return the object that holds Fusion's preferences, or nil.
local function find_fusion(resolve)
  for _, name in ipairs({ "fusion", "fu", "app" }) do
    local object = global(name)
    local there, method = pcall(function() return object.SetPrefs end)
    if there and method then
      return object
    end
  end
  local there, object = pcall(function() return resolve:Fusion() end)
  return there and object or nil
end

local io = global("io")
return {
  global = global,
  ffi = ffi,
  windows = windows,
  sleep = sleep,
  now = now,
  find_fusion = find_fusion,
  -- Whether files can be read and programs or sockets be called.
  free = io ~= nil and (ffi ~= nil or (io.popen ~= nil and os.execute ~= nil)),
}
