# Reads every variable and attribute of result files with ncdf4.
#
# usage: Rscript readers.R FILE-OR-FOLDER...
#
# Beside FILE.h5 there may be FILE.h5.dump, what the writer was given (see examples.cpp): then everything in it is
# compared. R reverses the axes: the flat order of the numbers is the same.

library(ncdf4)

trouble <- character()
check <- function(condition, ...) if (!isTRUE(condition)) trouble <<- c(trouble, paste(...))

parse <- function(values, kind) {
  fields <- if (nchar(values) == 0) character() else strsplit(values, " ", fixed = TRUE)[[1]]
  if (kind != "text") return(as.numeric(fields))
  text <- substring(fields, 2)
  for (code in c("20", "09", "0A", "25"))      # the percent sign last
    text <- gsub(paste0("%", code), rawToChar(as.raw(strtoi(code, 16))), text, fixed = TRUE)
  text
}

same <- function(got, wanted) {
  if (is.character(wanted)) return(identical(enc2utf8(as.vector(got)), enc2utf8(wanted)))
  got <- as.vector(got)
  length(got) == length(wanted) && identical(is.na(got), is.na(wanted)) && all(got == wanted, na.rm = TRUE)
}

# Dimensions with values are variables of their own to the format, but not to ncdf4.
read_variable <- function(nc, name) {
  if (name %in% names(nc$dim) && !(name %in% names(nc$var))) return(nc$dim[[name]]$vals)
  ncvar_get(nc, name, collapse_degen = FALSE)
}

check_variable <- function(nc, fields) {
  name <- fields[2]
  got <- tryCatch(read_variable(nc, name), error = function(e) { check(FALSE, name, conditionMessage(e)); NULL })
  wanted <- parse(if (length(fields) >= 6) fields[6] else "", fields[3])
  check(same(got, wanted), name, "values differ:", paste(head(as.vector(got), 3), collapse = " "), "not", paste(head(wanted, 3), collapse = " "))
  shape <- as.numeric(strsplit(fields[5], ",", fixed = TRUE)[[1]])
  if (name %in% names(nc$var) && length(shape) > 0)
    check(identical(as.numeric(rev(dim(got))), shape), name, "shape", paste(rev(dim(got)), collapse = ","))
}

check_attribute <- function(nc, fields) {
  got <- ncatt_get(nc, if (fields[2] == "-") 0 else fields[2], fields[3])
  wanted <- parse(if (length(fields) >= 5) fields[5] else "", fields[4])
  check(got$hasatt && same(got$value, wanted), fields[2], "attribute", fields[3], "differs")
}

check_file <- function(path) {
  before <- length(trouble)
  nc <- nc_open(path)
  for (name in names(nc$var)) check(!is.null(ncvar_get(nc, name)), name, "cannot be read")
  with_values <- Filter(function(name) nc$dim[[name]]$create_dimvar, names(nc$dim))
  for (name in c(names(nc$var), with_values)) ncatt_get(nc, name)
  check(length(ncatt_get(nc, 0)) > 0, "no root attributes")
  dump <- paste0(path, ".dump")
  if (file.exists(dump)) {
    for (line in readLines(dump, encoding = "UTF-8")) {
      fields <- strsplit(line, "\t", fixed = TRUE)[[1]]
      if (fields[1] == "variable") check_variable(nc, fields) else check_attribute(nc, fields)
    }
  }
  nc_close(nc)
  cat(sprintf("%s: %d variables: %s\n", basename(path), length(nc$var), if (length(trouble) == before) "ok" else "FAILED"))
}

given <- commandArgs(trailingOnly = TRUE)
files <- unlist(lapply(given, function(g) if (dir.exists(g)) sort(list.files(g, "\\.h5$", full.names = TRUE, recursive = TRUE)) else g))
check(length(files) > 0, "no files in", given)
for (path in files) check_file(path)
if (length(trouble) > 0) cat(head(trouble, 40), sep = "\n")
quit(status = if (length(trouble) > 0) 1 else 0)
