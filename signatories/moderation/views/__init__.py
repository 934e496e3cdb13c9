"""The desk over HTTP: thin doors to the verbs beside it. GET shows, POST acts and leaves a row on the trail."""
