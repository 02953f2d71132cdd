"""`zhike analyze`: the methods of `zhike.methods` on files, without a server or a database."""
