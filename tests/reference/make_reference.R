# Made tests/data/reference_lm.csv, from the root of the repository, after make_reference.py --cells /tmp/cells, with
#   Rscript tests/reference/make_reference.R /tmp/cells
# R 4.2.2 (Debian 12: r-base-core).
#
# Least squares by lm (Householder QR of the raw columns) for the fits of reference_statsmodels.csv, on the rows that
# make_reference.py wrote; same columns, same order. At the end the worst relative difference to statsmodels: of
# coefficients relative to max(|coefficient|, SE), of r2 and adj_r2 to max(|value|, (k-1)/(n-1)), the mean of r2 when
# nothing is related (statsmodels forms r2 as 1 - SSE/SST, so one of 1e-7 keeps nine digits), of the rest to its own size.

cells_folder <- commandArgs(trailingOnly = TRUE)[1]
data_folder <- "tests/data"
read_text <- function(file) read.csv(file, colClasses = "character", check.names = FALSE, encoding = "UTF-8")

statsmodels <- read_text(file.path(data_folder, "reference_statsmodels.csv"))
cells <- list()
for (study in unique(statsmodels$study)) cells[[study]] <- read_text(file.path(cells_folder, paste0(study, ".csv")))

# as.numeric reads hexadecimal reals exactly.
fit_row <- function(wanted) {
  members <- strsplit(wanted$combination, " + ", fixed = TRUE)[[1]]
  cell <- cells[[wanted$study]]
  cell <- cell[cell$outcome == wanted$outcome & cell$year == wanted$year, c("y", members)]
  cell <- as.data.frame(lapply(cell, as.numeric))
  fit <- lm(y ~ ., cell)
  s <- summary(fit)
  stopifnot(fit$rank == length(members) + 1)
  coefficients <- as.vector(t(s$coefficients[, 1:2]))
  c(nobs(fit), s$r.squared, s$adj.r.squared, AIC(fit), BIC(fit), coefficients, rep(NA, 2 * (4 - length(members))))
}

figures <- t(sapply(seq_len(nrow(statsmodels)), function(i) fit_row(statsmodels[i, ])))
header <- names(statsmodels)
colnames(figures) <- header[-(1:4)]
text <- apply(figures, 2, function(v) ifelse(is.na(v), "", sprintf("%.17g", v)))
text[, "n"] <- sprintf("%d", as.integer(figures[, "n"]))
out <- file(file.path(data_folder, "reference_lm.csv"), "w", encoding = "UTF-8")
writeLines(paste(header, collapse = ","), out)
writeLines(apply(cbind(as.matrix(statsmodels[, 1:4]), text), 1, paste, collapse = ","), out)
close(out)

other <- sapply(statsmodels[, -(1:4)], as.numeric)
size <- abs(figures)
size[, "intercept"] <- pmax(size[, "intercept"], figures[, "intercept_se"])
for (slot in 1:4) size[, paste0("coef_", slot)] <- pmax(size[, paste0("coef_", slot)], figures[, paste0("se_", slot)])
k <- 1 + lengths(strsplit(statsmodels$combination, " + ", fixed = TRUE))
for (share in c("r2", "adj_r2")) size[, share] <- pmax(size[, share], (k - 1) / (figures[, "n"] - 1))
difference <- abs(figures - other) / size
worst <- arrayInd(which.max(difference), dim(difference))
at <- statsmodels[worst[1], ]
cat(sprintf("%d fits; worst relative difference to statsmodels %.2g: %s of %s, %s %s, %s\n", nrow(figures),
            max(difference, na.rm = TRUE), header[4 + worst[2]], at$combination, at$outcome, at$year, at$study))
print(signif(apply(difference, 2, max, na.rm = TRUE), 2))
