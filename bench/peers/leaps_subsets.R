# R's leaps: the best subsets of each size by branch and bound, on the rows as they are. It does not fit every combination: it finds
# the leading ones without looking at the rest, which is another task. Its R2 are compared with ours; its time is told a search.
#   OPENBLAS_NUM_THREADS=1 Rscript bench/peers/leaps_subsets.R FOLDER
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "peer.R"))
library(leaps)

x <- as.matrix(data[, -(1:2)])
clock <- function() sum(proc.time()[c("user.self", "sys.self")])
searches <- 5
start <- clock()
for (i in seq_len(searches)) found <- summary(regsubsets(x, data$y, nbest = 100, nvmax = 4, really.big = TRUE, method = "exhaustive"))
seconds <- (clock() - start) / searches
keep <- rowSums(found$which[, -1]) <= 4
label <- apply(found$which[keep, -1, drop = FALSE], 1, function(row) paste(colnames(x)[row], collapse = " + "))
write.csv(data.frame(combination = label, r2 = sprintf("%.17g", found$rsq[keep]), mean_r2 = ""),
          file.path(folder, "peer_leaps.csv"), row.names = FALSE, quote = FALSE)
cat(sprintf("leaps (R %s, leaps %s): the %d best of %s combinations in %.3f CPU s, one sample\n", getRversion(),
            packageVersion("leaps"), length(label), format(length(labels), big.mark = ","), seconds))
