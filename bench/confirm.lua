-- Every request presses another person's button: the paths stand in a file (second argument), one a line.
local paths = {}
function init(args)
  for line in io.lines(args[2]) do paths[#paths + 1] = line end
end

local sent = 0
function request()
  sent = sent + 1
  return wrk.format("POST", paths[sent], { ["Content-Type"] = "application/x-www-form-urlencoded" }, "")
end
