-- The front page in every language in turn, as readers of the whole world ask for it.
local paths = { "/", "/ar/", "/de/", "/es/", "/fr/", "/it/", "/ja/", "/pl/", "/pt/", "/sv/", "/uk/" }
local sent = 0
function request()
  sent = sent + 1
  return wrk.format("GET", paths[sent % #paths + 1])
end
