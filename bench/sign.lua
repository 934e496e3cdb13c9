-- Every request is another person's form, filled as on a phone, through a proxy that names another network each time.
-- With a file of solved puzzles (second argument) each form brings one.
local thread_count = 0
function setup(thread)
  thread:set("id", thread_count)
  thread_count = thread_count + 1
end

local sent = 0
local run
local solutions = {}
function init(args)
  run = args[1]
  if args[2] then
    local place = 0
    for line in io.lines(args[2]) do
      -- no two threads take the same one
      if place % 4 == id then solutions[#solutions + 1] = line end
      place = place + 1
    end
  end
end

function request()
  sent = sent + 1
  local who = run .. "-" .. id .. "-" .. sent
  local body = "name=Aveline+Ashgrove+" .. who .. "&profession=singer&affiliation=The+Paper+Lanterns&country=IE"
    .. "&email=aveline-" .. who .. "%40invented.example&appearance=named"
  if #solutions > 0 then body = body .. "&puzzle=" .. (solutions[sent] or "") end
  local network = string.format("2a0%d:%s:%x::1", id, run:sub(1, 4), sent % 65536)
  local headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["X-Forwarded-For"] = network }
  return wrk.format("POST", nil, headers, body)
end
