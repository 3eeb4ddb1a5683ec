"""Who is screened and against what: customers and their owners as subjects, lists as a screener."""
