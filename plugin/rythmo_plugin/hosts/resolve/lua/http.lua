-- HTTP requests to 127.0.0.1.
--
-- Resolve's Lua is LuaJIT without a socket library, so sockets come through its ffi. Plain Lua 5.1 has no ffi and
-- calls curl.

local system = ...
local CALL_SECONDS = 600
local ffi, windows = system.ffi, system.windows

-- Send a request to 127.0.0.1 by socket, and return the bytes of the response.

local function declare()
  local address = "uint16_t family;"
  if ffi.os == "OSX" or ffi.os == "BSD" then
    address = "uint8_t length; uint8_t family;"
  end
  local handle = windows and "uintptr_t" or "int"
  local size = windows and "int" or "size_t"
  local given = windows and "int" or "ssize_t"
  -- pcall, because in a second run in the same Resolve they are declared already.
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

-- Send one request and return status and body, or nil. HTTP/1.0 prevents a chunked response.

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
  -- The token goes through a file of this user's, because other users can read a command line.
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

return { request = ffi and by_socket or by_curl }
