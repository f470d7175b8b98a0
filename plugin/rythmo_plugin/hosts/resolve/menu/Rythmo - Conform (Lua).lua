-- Brings the dub in line with the timeline as it was edited.
-- `rythmo install resolve` fills in the three constants.
local RYTHMO_HOME = ""
local RYTHMO_START = ""
local RYTHMO_LIB = ""

local rythmo = assert(loadfile(RYTHMO_LIB .. "/rythmo_resolve.lua"))(RYTHMO_LIB)
rythmo.main("conform", os.getenv("RYTHMO_HOME") or RYTHMO_HOME, RYTHMO_START, RYTHMO_WANTS)
