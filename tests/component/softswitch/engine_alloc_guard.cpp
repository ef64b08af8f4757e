// The operators that count, for this program too.
#include "unit/media/alloc_guard.cpp"
