error-segments-empty = no segment to group: the panel is empty
error-segments-number = found { $found } groups, expected { $least } (what must stay apart) to { $most }
