"""What operators and their machines ask of the bridge itself: is it alive, is it ready, what did it do."""
