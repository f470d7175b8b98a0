-- Execute the protocol's verbs on one timeline of the open project, and report what the timeline holds.

local system, trouble = ...
local PROTOCOL = "1"
local EXPORTS = { otio = "EXPORT_OTIO", fcp7 = "EXPORT_FCP_7_XML" }

local Host = {}
Host.__index = Host

local function open_host(resolve)
  local self = setmetatable({ resolve = resolve, items = {}, held = {}, waiting = {} }, Host)
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

-- Return a path in a form that can be compared.
local function plain(path)
  local slashed = (path or ""):gsub("\\", "/")
  return system.windows and slashed:lower() or slashed
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
  system.sleep(tonumber(seconds))
end

-- Resolve appends clips to the current timeline, whichever it is: make it ours.
function DO.use(host)
  host.project:SetCurrentTimeline(host.timeline)
end

-- The enums' values change between versions, so take them from the handle.
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

-- Return the items of the current bin by the path of their file.
local function shelf(host)
  local held, folder = {}, host.pool:GetCurrentFolder()
  for _, item in ipairs(listed(folder and folder:GetClipList())) do
    held[plain(item:GetClipProperty("File Path"))] = item
  end
  return held
end

function DO.bin(host, name)
  local root, found = host.pool:GetRootFolder(), nil
  for _, folder in ipairs(listed(root:GetSubFolderList())) do
    found = found or (folder:GetName() == name and folder)
  end
  found = found or host.pool:AddSubFolder(root, name)
  if found then
    host.pool:SetCurrentFolder(found)
  end
  host.held = shelf(host)
end

-- For a file already in the pool, ImportMedia returns nothing, so look it up.
DO["import"] = function(host, key, path)
  local item = host.held[plain(path)]
  if not item then
    item = listed(host.pool:ImportMedia({ path }))[1]
    if not item then
      host.held = shelf(host)
      item = host.held[plain(path)]
    end
  end
  if not item then
    return { { "failed", "import", key } }
  end
  host.held[plain(path)], host.items[key] = item, item
  return { { "item", key, item:GetClipProperty("FPS") or "" } }
end

-- Check the number of tracks, because AddTrack's return value is unreliable.
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

-- Frames must be integers: one fraction makes Resolve drop all clips.
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

-- AppendToTimeline's return value is unreliable.
function DO.append(host)
  local clips = host.waiting
  host.waiting = {}
  host.pool:AppendToTimeline(clips)
end

-- Subtitles land on the first subtitle track, which must exist.
function DO.subtitle(host, key, record)
  if host.timeline:GetTrackCount("subtitle") == 0 then
    host.timeline:AddTrack("subtitle")
  end
  local clip = { mediaPoolItem = host.items[key] or error("not imported: " .. key, 0) }
  if record then
    clip.recordFrame = tonumber(record)
  end
  system.sleep(0.5) -- without a pause Resolve may report success and place nothing
  host.pool:AppendToTimeline({ clip })
  system.sleep(0.5)
end

function DO.remove(host, kind, index, start, name)
  for _, item in ipairs(listed(host.timeline:GetItemListInTrack(kind, tonumber(index)))) do
    if item:GetStart() == tonumber(start) and item:GetName() == name then
      host.timeline:DeleteClips({ item }, false)
      return
    end
  end
end

-- A marker's offset counts from the timeline's start.
function DO.mark(host, offset, colour, name, note, length, mark)
  host.timeline:AddMarker(tonumber(offset), colour, name, note, tonumber(length), mark)
end

function DO.unmark(host, mark)
  host.timeline:DeleteMarkerByCustomData(mark)
end

-- Clips of an append that failed midway vanish when the project is saved, not before.
function DO.save(host)
  host.resolve:GetProjectManager():SaveProject()
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
    reports[#reports + 1] = { "failed", step[1], "this script does not know the verb" }
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

return open_host
