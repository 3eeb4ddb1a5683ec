"""Rules of the bank: what is shipped, how one reads, how two differ, and what one would have done."""
