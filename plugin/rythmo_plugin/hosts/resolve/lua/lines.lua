-- Encode and decode lines: one step a line, a verb and tab-separated fields (docs/host-protocol.md).

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

return { encode = encode, decode = decode }
