// The desk: keys and small comforts on top of pages that work without any of it.
