-- Every request is another person's form, filled as on a phone.
local thread_count = 0
function setup(thread)
  thread:set("id", thread_count)
  thread_count = thread_count + 1
end

local sent = 0
local run
function init(args)
  run = args[1]
end

function request()
  sent = sent + 1
  local who = run .. "-" .. id .. "-" .. sent
  local body = "name=Aveline+Ashgrove+" .. who .. "&profession=singer&affiliation=The+Paper+Lanterns&country=IE"
    .. "&email=aveline-" .. who .. "%40invented.example&appearance=named"
  return wrk.format("POST", nil, { ["Content-Type"] = "application/x-www-form-urlencoded" }, body)
end
